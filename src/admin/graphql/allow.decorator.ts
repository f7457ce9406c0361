import { Extensions } from '@nestjs/graphql';
import type { Permission } from '../../users/permission.js';

/** What a field of the schema asks of the actor; `anybody` is open to visitors who have not signed in. */
export type FieldPermission = Permission | 'anybody';

/** Under this name a field or type carries its {@link FieldPermission} in the schema. */
export const PERMISSION_EXTENSION = 'permission';

/**
 * Declares who may use a field, or the fields of a type that declare nothing themselves. A schema with a field without any
 * declaration does not start.
 */
export const Allow = (permission: FieldPermission): MethodDecorator & ClassDecorator & PropertyDecorator =>
  Extensions({ [PERMISSION_EXTENSION]: permission });
