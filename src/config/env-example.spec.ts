import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parseSettings } from './parse-settings.js';

const EXAMPLE = readFileSync(join(import.meta.dirname, '..', '..', '.env.example'), 'utf8');
/** Read elsewhere: the rotation command's key, and keys that providers declare. */
const NOT_SETTINGS = [
  'HUB_MASTER_KEY_NEW',
  'KLING_ACCESS_KEY',
  'KLING_SECRET_KEY',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
];

/** The file with every variable switched on. */
const values = parseEnv(EXAMPLE.replace(/^#(?=[A-Z0-9_]+=)/gm, ''));

/** Every name that parsing looks up. */
function namesRead(): string[] {
  const names = new Set<string>();
  parseSettings(
    new Proxy({} as Record<string, string>, {
      get: (_, name) => {
        names.add(String(name));
        return undefined;
      },
    }),
  );
  return [...names];
}

describe('.env.example', () => {
  it('lists every setting there is, and no other', () => {
    const listed = Object.keys(values).filter((name) => !NOT_SETTINGS.includes(name));
    expect(listed.sort()).toEqual(namesRead().sort());
  });

  it('changes nothing as it stands', () => {
    expect(parseEnv(EXAMPLE)).toEqual({});
  });

  it('shows values that would be accepted, and the defaults where there are any', () => {
    const { DATABASE_URL: _, ...embedded } = values;
    const settings = parseSettings(embedded as Record<string, string>);
    const defaults = parseSettings({});
    for (const section of ['upstream', 'relay', 'alerts', 'audit', 'sandbox', 'logLevel', 'workers'] as const) {
      expect(settings[section]).toEqual(defaults[section]);
    }
    const { bytesMax: _max, s3: _s3, ...media } = defaults.media;
    expect(settings.media).toMatchObject(media);
    expect(settings.server).toEqual({ ...defaults.server, corsOrigins: ['https://app.example'] });
  });
});
