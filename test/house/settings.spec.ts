import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSettings } from '../../src/config/parse-settings.js';
import { PROJECT_ROOT } from './project-files.js';

/** Provider credentials and base URLs under their usual names; they become channels and are not settings. */
const PROVIDER_VARIABLE = /^(?!HUB_)[A-Z0-9_]+_(API_KEY|ACCESS_KEY|SECRET_KEY|BASE_URL|CALLBACK_SECRET)$/;
/** Read by the command that rotates the master key, and by no start. */
const COMMAND_VARIABLES = ['HUB_MASTER_KEY_NEW'];
const settings = namesRead();

describe('settings', () => {
  it('are what src/config reads', () => {
    expect(settings).toEqual(expect.arrayContaining(['HOST', 'PORT', 'DATABASE_URL', 'HUB_MASTER_KEY', 'LOG_LEVEL']));
  });

  // Fails as soon as the file exists without them; the file arrives with the documentation.
  it('are all listed in .env.example, and nothing else is', () => {
    if (!existsSync(join(PROJECT_ROOT, '.env.example'))) return;
    const listed = [...text('.env.example').matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]!);
    expect(withoutProviders(listed)).toEqual(settings);
  });

  it.each(['README.md', 'README.zh.md'])('are all in the table of %s, and nothing else is', (file) => {
    if (!existsSync(join(PROJECT_ROOT, file))) return;
    const rows = text(file).match(/^\|.*$/gm) ?? [];
    const listed = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map((match) => match[1]!),
    );
    expect(withoutProviders(listed)).toEqual(settings);
  });

  it('have different names than the provider variables', () => {
    expect(settings.filter((name) => PROVIDER_VARIABLE.test(name))).toEqual([]);
  });
});

/**
 * The names that the parser asks its environment for, and those of commands, in alphabetical order. NODE_ENV is Node's,
 * not a setting.
 */
function namesRead(): string[] {
  const names = new Set(COMMAND_VARIABLES);
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_target, name) => {
        if (typeof name === 'string') names.add(name);
        return undefined;
      },
    },
  );
  parseSettings(environment);
  names.delete('NODE_ENV');
  return [...names].sort();
}

function withoutProviders(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => !PROVIDER_VARIABLE.test(name) && name !== 'NODE_ENV').sort();
}

function text(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}
