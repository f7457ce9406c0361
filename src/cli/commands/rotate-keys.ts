import { resealCaptured } from '../../capture/reseal-captured.js';
import { decodeMasterKey } from '../../config/parse-settings.js';
import { CredentialCipher } from '../../secrets/credential-cipher.js';
import { rotateMasterKey } from '../../secrets/rotate-master-key.js';
import { TotpSecrets } from '../../users/totp-secrets.js';
import { WebhookSecrets } from '../../webhooks/webhook-secrets.js';
import { CommandError, type DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Puts the stored keys under a new master key. */
export const masterKeyRotate: DatabaseCommand = {
  name: 'master-key:rotate',
  usage: '',
  summary: 'put the stored keys under HUB_MASTER_KEY_NEW, or under a new key file; what they protect stays as it is',
  async run({ keyring, settings }, { args, masterKeyNew }) {
    parseArguments(args, {});
    const newKey = masterKeyNew === undefined || masterKeyNew === '' ? undefined : decodeMasterKey(masterKeyNew);
    if (masterKeyNew && newKey === undefined) throw new CommandError('HUB_MASTER_KEY_NEW must be 32 bytes in base64.');
    if (newKey === undefined && (settings.masterKey || settings.database.url !== undefined)) {
      throw new CommandError(
        'Set HUB_MASTER_KEY_NEW to the new key (openssl rand -base64 32): there is no key file here.',
      );
    }
    const { rewrapped, keptIn } = await rotateMasterKey(keyring, settings, newKey);
    const next =
      keptIn === 'file'
        ? 'The key file is replaced; back it up.'
        : 'Set HUB_MASTER_KEY to it before the next start. Instances that are running go on working.';
    return { exitCode: 0, stderr: `${rewrapped} keys are under the new master key. ${next}\n` };
  },
};

/** Encrypts every stored credential with a new key. */
export const credentialKeyRotate: DatabaseCommand = {
  name: 'credential-key:rotate',
  usage: '',
  summary:
    'make a new key for channel credentials, webhook secrets, second factors and captured bodies and encrypt all of them with it',
  async run({ sql, keyring, channels }, { args }) {
    parseArguments(args, {});
    await keyring.rotateCredentialKey();
    const cipher = new CredentialCipher(keyring);
    const webhooks = await new WebhookSecrets(sql, cipher).reseal();
    const secondFactors = await new TotpSecrets(sql, cipher).reseal();
    const count = (await channels.resealCredentials()) + webhooks + secondFactors;
    const captured = await resealCaptured(sql, cipher);
    const also = captured === 0 ? '' : `, and ${captured} captured bodies`;
    return { exitCode: 0, stderr: `${count} credentials${also} are under a new key.\n` };
  },
};
