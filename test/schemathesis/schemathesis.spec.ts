import { join } from 'node:path';
import { launch, temporaryFolder } from '../support/hub-process.js';
import { endWithin } from '../support/processes.js';
import { describeWithServer } from '../support/server-suite.js';
import { findSchemathesis } from './find-schemathesis.js';
import { type FuzzHub, prepareAdmin, startFuzzHub } from './fuzz-hub.js';

// Schemathesis makes requests out of the API document and out of the GraphQL schema, the same ones in every run but for ids and
// dates, and looks at every answer: no fault of the server, no status, content type or body that is not in the document. Each API
// has a hub of its own, since mutations close the account and revoke the key of the other. Schemathesis makes no subscriptions;
// test/admin/feeds.spec.ts has those.

const SCHEMATHESIS = findSchemathesis();
const SEED = 20_261_126;
/** A bound on hanging; a run takes well under a minute on a machine that does nothing else. */
const RUN_MS_MAX = 480_000;
// Streams of a job end with the job, which the sandbox finishes at once, and no other answer waits for anything.
const ANSWER_SECONDS_MAX = 20;

/** What is left out of the admin API: it would end the session of the run, and the rest would only meet 401. */
const LEFT_OUT = ['Mutation.signOut', 'Mutation.endAllSessions'];

describeWithServer('Schemathesis', SCHEMATHESIS, 'Schemathesis', () => {
  let fuzzed: FuzzHub;
  beforeEach(async () => {
    fuzzed = await startFuzzHub();
  });
  afterEach(() => fuzzed.close());

  /** Runs it and gives what it printed. @throws Error with that when it has found something, or not finished. */
  async function run(path: string, token: string, args: readonly string[], ids: readonly string[] = []) {
    const bounds = [`--seed=${SEED}`, `--request-timeout=${ANSWER_SECONDS_MAX}`, '--continue-on-failure'];
    const output = ['--no-color', '--generation-database=none'];
    const child = launch(
      [
        SCHEMATHESIS ?? '',
        'run',
        fuzzed.hub.url + path,
        `--header=Authorization: Bearer ${token}`,
        ...bounds,
        ...output,
        ...args,
      ],
      { SCHEMATHESIS_HOOKS: join(import.meta.dirname, 'checks.py'), HUB_FUZZ_IDS: JSON.stringify(ids), COLUMNS: '120' },
      temporaryFolder(),
    );
    const { code } = await endWithin(child, RUN_MS_MAX);
    if (code !== 0) throw new Error(`Schemathesis ended with ${code}\n${child.stdout()}\n${child.stderr()}`);
    return child.stdout();
  }

  it(
    'finds nothing in the public API that its document does not say',
    async () => {
      const { hub } = fuzzed;
      const checks = [
        'not_a_server_error',
        'status_code_conformance',
        'content_type_conformance',
        'response_headers_conformance',
        'response_schema_conformance',
        'event_stream',
      ];
      const printed = await run('/api/openapi.json', hub.apiKey, [
        `--checks=${checks.join(',')}`,
        '--phases=examples,coverage,fuzzing',
        '--max-examples=10',
      ]);
      expect(printed).not.toContain('Authentication failed');
      expect(printed).toMatch(/Operations: +(\d+) selected \/ \1 total/);
      expect(testCases(printed)).toBeGreaterThan(1000);
    },
    RUN_MS_MAX,
  );

  it(
    'finds nothing in the admin API that its schema does not say',
    async () => {
      const { token, ids } = await prepareAdmin(fuzzed.hub);
      const printed = await run(
        '/graphql',
        token,
        [
          '--checks=graphql_answer',
          '--phases=fuzzing',
          '--max-examples=10',
          ...LEFT_OUT.map((name) => `--exclude-name=${name}`),
        ],
        ids,
      );
      expect(printed).not.toContain('Authentication failed');
      const [, selected, total] = /Operations: +(\d+) selected \/ (\d+) total/.exec(printed) ?? [];
      expect(Number(total) - Number(selected)).toBe(LEFT_OUT.length);
      expect(testCases(printed)).toBeGreaterThan(600);
    },
    RUN_MS_MAX,
  );
});

/** How many requests it made. */
function testCases(printed: string): number {
  return Number(/(\d+) generated/.exec(printed)?.[1]);
}
