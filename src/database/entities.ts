import { Channel } from '../channels/channel.entity.js';
import { Model } from '../channels/model.entity.js';
import { Route } from '../channels/route.entity.js';
import { StoredFile } from '../files/stored-file.entity.js';
import { ApiKey } from '../keys/api-key.entity.js';
import { Account } from '../quota/account.entity.js';
import { Entry } from '../quota/entry.entity.js';
import { SecretKey } from '../secrets/secret-key.entity.js';
import { AppUser } from '../users/app-user.entity.js';
import { HubState } from './hub-state.entity.js';

/** Every stored shape, for the ORM. */
export const ENTITIES = [Account, ApiKey, AppUser, Channel, Entry, HubState, Model, Route, SecretKey, StoredFile];
