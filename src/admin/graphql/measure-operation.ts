import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { SHORT_LIST_EXTENSION } from './short-list.decorator.js';

/** How large an operation is. */
export interface OperationSize {
  readonly depth: number;
  /** Objects that may be read at most: what a list may hold times what is selected of each. */
  readonly cost: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  /** Asks for the schema itself. */
  readonly isIntrospection: boolean;
}

/** What a list without `first` is taken to hold, unless its field says that it is short. */
const LIST_ROWS = 10;
const PAGE_ROWS = 20;
const SHORT_LIST_ROWS = 2;

type Sums = { -readonly [Key in 'depth' | 'cost' | 'aliases' | 'directives']: number };

/**
 * Measures an operation without executing it. Linear in the size of the document: a fragment is measured once, however often
 * it is spread. The document must be valid, so without cycles of fragments.
 *
 * @param variables as the request gives them: the `first` of a list may be one, or what the operation says one is by default.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationSize {
  const root = schema.getRootType(operation.operation);
  const measurer = new Measurer(schema, document, operation, variables);
  const sums = measurer.measure(operation.selectionSet, root ?? undefined);
  const fields = measurer.rootFields(operation.selectionSet);
  return {
    ...sums,
    directives: sums.directives + (operation.directives?.length ?? 0),
    rootFields: fields.length,
    isIntrospection: fields.some(({ name }) => name.value === '__schema' || name.value === '__type'),
  };
}

class Measurer {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly known = new Map<string, Sums>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.fragments = new Map(fragments.map((node) => [node.name.value, node]));
  }

  measure(set: SelectionSetNode, type: GraphQLNamedType | undefined): Sums {
    const total: Sums = { depth: 0, cost: 0, aliases: 0, directives: 0 };
    for (const selection of set.selections) {
      const part =
        selection.kind === Kind.FIELD
          ? this.measureField(selection, type)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.measure(selection.selectionSet, this.typeNamed(selection.typeCondition?.name.value) ?? type)
            : this.measureFragment(selection.name.value);
      total.depth = Math.max(total.depth, part.depth);
      total.cost += part.cost;
      total.aliases += part.aliases;
      total.directives +=
        part.directives + ((selection.directives as readonly DirectiveNode[] | undefined) ?? []).length;
    }
    return total;
  }

  /** The fields at the top, those of fragments too: of each once, however often it is spread, as it is executed. */
  rootFields(set: SelectionSetNode, seen = new Set<string>()): FieldNode[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return this.rootFields(selection.selectionSet, seen);
      const { value: name } = selection.name;
      const fragment = this.fragments.get(name);
      // Without this a few fragments that spread each other twice would have billions.
      if (fragment === undefined || seen.has(name)) return [];
      seen.add(name);
      return this.rootFields(fragment.selectionSet, seen);
    });
  }

  private measureFragment(name: string): Sums {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    const sums =
      fragment === undefined
        ? { depth: 0, cost: 0, aliases: 0, directives: 0 }
        : this.measure(fragment.selectionSet, this.typeNamed(fragment.typeCondition.name.value));
    this.known.set(name, sums);
    return sums;
  }

  private measureField(field: FieldNode, parent: GraphQLNamedType | undefined): Sums {
    const aliases = field.alias === undefined ? 0 : 1;
    // What stands under `__schema` comes from memory, and tools ask for all of it.
    if (field.name.value.startsWith('__')) return { depth: 0, cost: 0, aliases, directives: 0 };
    const definition =
      parent instanceof GraphQLObjectType || parent instanceof GraphQLInterfaceType
        ? parent.getFields()[field.name.value]
        : undefined;
    const type = definition && getNamedType(definition.type);
    if (field.selectionSet === undefined || !isCompositeType(type))
      return { depth: 1, cost: 0, aliases, directives: 0 };
    const inner = this.measure(field.selectionSet, type);
    const isPaged = definition?.args.some(({ name }) => name === 'first') === true;
    const rows = isPaged ? this.pageRows(field) : 1;
    const nullable = definition && (isNonNullType(definition.type) ? definition.type.ofType : definition.type);
    // The rows of a page are counted where its size is asked for, not once more at its lists.
    const isPlainList = isListType(nullable) && !/(Connection|Edge)$/.test(parent?.name ?? '');
    const listRows = definition?.extensions[SHORT_LIST_EXTENSION] === true ? SHORT_LIST_ROWS : LIST_ROWS;
    const times = isPlainList ? listRows : rows;
    return {
      depth: inner.depth + 1,
      cost: times * (1 + inner.cost),
      aliases: aliases + inner.aliases,
      directives: inner.directives,
    };
  }

  private pageRows(field: FieldNode): number {
    const value = field.arguments?.find(({ name }) => name.value === 'first')?.value;
    const given = value === undefined ? undefined : this.numberOf(value);
    return given === undefined || !Number.isFinite(given) ? PAGE_ROWS : Math.max(1, given);
  }

  private numberOf(value: ValueNode): number | undefined {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    const name = value.name.value;
    const given = this.variables[name];
    if (given !== undefined) return typeof given === 'number' ? given : undefined;
    const standard = this.operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
    return standard?.defaultValue?.kind === Kind.INT ? Number(standard.defaultValue.value) : undefined;
  }

  private typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name);
  }
}
