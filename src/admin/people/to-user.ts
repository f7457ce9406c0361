import type { Person } from '../../users/people.js';
import { User } from './user.type.js';

/** A person as the schema shows them. */
export function toUser(person: Person): User {
  const { emailKey: _emailKey, ...shown } = person;
  return Object.assign(new User(), shown);
}
