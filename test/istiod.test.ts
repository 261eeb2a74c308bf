import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { casesIn, indexed, KINDS, recordedOf, sessionOf } from './support/recorded-case.ts';

const folder = resolve(import.meta.dirname, '../fixtures/istiod');

describe('what istiod 1.30.3 sends, recorded', () => {
  for (const name of casesIn(folder)) {
    test(name, () => {
      const session = sessionOf(join(folder, name));
      for (const [proxyName, recorded] of recordedOf(join(folder, name))) {
        const proxy = session.mesh.proxies.find((candidate) => `${candidate.namespace}.${candidate.name}` === proxyName);
        expect(proxy, `${proxyName} is a proxy`).toBeDefined();
        if (proxy === undefined) continue;
        const emitted = indexed(session.compile(proxy));
        for (const kind of KINDS) {
          expect([...emitted[kind].keys()].sort(), `${kind} of ${proxyName}`).toEqual([...recorded[kind].keys()].sort());
          for (const [resource, value] of recorded[kind]) {
            expect(emitted[kind].get(resource), `${kind} ${resource} of ${proxyName}`).toEqual(value);
          }
        }
      }
    });
  }
});
