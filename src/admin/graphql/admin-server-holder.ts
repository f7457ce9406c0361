import { Injectable } from '@nestjs/common';
import type { AdminServer } from './admin-server.js';

/** Where the route finds the server, which can only be made when all resolvers are known. */
@Injectable()
export class AdminServerHolder {
  server: AdminServer | undefined;
}
