import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { formatCredits, parseCredits } from '../../common/credits.js';

/** Credits, the hub's money: a decimal string with at most nine places, such as `12.5`. Inside the hub: nano-credits. */
export const Credits = new GraphQLScalarType<bigint, string>({
  name: 'Credits',
  description: 'Money in credits as a decimal string with at most nine decimal places, such as "12.5". Never a float.',
  serialize: (value) => formatCredits(BigInt(value as bigint)),
  parseValue: toNanoCredits,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING) throw new GraphQLError('Credits are a string, such as "12.5".', { nodes: node });
    return toNanoCredits(node.value);
  },
});

function toNanoCredits(value: unknown): bigint {
  const amount = typeof value === 'string' ? parseCredits(value) : undefined;
  if (amount === undefined) {
    throw new GraphQLError('Credits are a decimal string with at most nine decimal places, such as "12.5".');
  }
  return amount;
}

/** A whole number beyond 32 bits, such as a sum of tokens. */
export const Count = new GraphQLScalarType<number, number>({
  name: 'Count',
  description: 'A whole number up to 9,007,199,254,740,991, as a JSON number.',
  serialize: (value) => {
    const count = Number(value);
    if (!Number.isSafeInteger(count)) throw new GraphQLError('This number is too large to be shown exactly.');
    return count;
  },
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new GraphQLError('A whole number is wanted.');
    return value;
  },
  parseLiteral: (node) => {
    const value = node.kind === Kind.INT ? Number(node.value) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new GraphQLError('A whole number is wanted.', { nodes: node });
    return value;
  },
});

/** Any JSON, for what has no fixed form: the before and after of an audit row, details of an alert. Only ever shown. */
export const Json = new GraphQLScalarType<unknown, unknown>({
  name: 'Json',
  description: 'A JSON value of no fixed form.',
  serialize: (value) => value,
  parseValue: (value) => value,
});
