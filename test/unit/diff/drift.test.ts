import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareWithRunning } from '../../../src/diff/drift.ts';
import { readConfigDump } from '../../../src/envoy/config-dump.ts';
import { snapshotOfDump } from '../../../src/envoy/dump-snapshot.ts';
import { configDump } from '../../../src/output/config-dump.ts';
import { proxyBootstrap } from '../../../src/translate/bootstrap/bootstrap.ts';
import { casesIn, workbenchOf } from '../../support/recorded-case.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/istiod');

describe('a proxy against the manifests it was made from', () => {
  test('no recorded case drifts from itself', async () => {
    const drifting: string[] = [];
    for (const name of casesIn(folder)) {
      const { session } = await workbenchOf(join(folder, name));
      for (const proxy of session.mesh.proxies.slice(0, 2)) {
        const snapshot = session.compile(proxy);
        const dump = JSON.parse(JSON.stringify(configDump(snapshot, proxyBootstrap(proxy, session.mesh), { withStatic: true })));
        const changes = compareWithRunning(snapshot, snapshotOfDump(readConfigDump(dump)).snapshot, { endpoints: true });
        for (const change of changes) {
          const where =
            change.kind === 'changed'
              ? change.differences
                  .slice(0, 3)
                  .map(
                    (difference) =>
                      `${difference.where} ${JSON.stringify(difference.before)} ${JSON.stringify(difference.after)}`,
                  )
              : [];
          drifting.push([name, proxy.name, change.kind, change.type, change.name, ...where].join(' '));
        }
      }
    }
    expect(drifting).toEqual([]);
  });
});
