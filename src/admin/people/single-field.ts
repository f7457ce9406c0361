import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { invalidRequest } from '../../common/hub-error.js';

/**
 * Refuses an operation that asks for the same field of its root several times, under different names: one request is one attempt.
 * Linear in the size of the document; of what a directive leaves out nothing is known here, so it counts.
 *
 * @throws HubError 400 `one_at_a_time`.
 */
export function requireSingleField({ fieldName, fragments, operation }: GraphQLResolveInfo): void {
  const names = new Set<string>();
  const seen = new Set<string>();
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value === fieldName) names.add((selection.alias ?? selection.name).value);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment !== undefined) visit(fragment.selectionSet);
      }
    }
  };
  visit(operation.selectionSet);
  if (names.size > 1) {
    throw invalidRequest(`An operation has "${fieldName}" at most once.`, undefined, 'one_at_a_time');
  }
}
