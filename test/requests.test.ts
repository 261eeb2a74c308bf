import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeTable, type RequestTable } from '../src/operations/request-tables/request-table.ts';
import { resolveRequest } from '../src/operations/request-tables/resolve-request.ts';
import { parseText } from '../src/source/parse.ts';
import { runTable } from '../src/trace/table.ts';
import { surroundingsOf } from '../src/workbench/surroundings.ts';
import { casesIn, workbenchOf } from './support/recorded-case.ts';

const folder = resolve(import.meta.dirname, process.env.MESH_REQUEST_CASES ?? '../fixtures/istiod');
const NOW = Date.UTC(2026, 0, 1);

function tableOf(file: string): RequestTable {
  const [document] = parseText(file, readFileSync(file, 'utf8'), () => {});
  const table = document && decodeTable(document);
  if (table === undefined || !('requests' in table)) throw new Error(`${file} is no table: ${JSON.stringify(table)}`);
  return table;
}

/** What real Envoys answered with istiod's configuration, recorded request by request. */
describe('recorded requests', () => {
  for (const name of casesIn(folder).filter((name) => existsSync(join(folder, name, 'requests.yaml')))) {
    test(name, async () => {
      const table = tableOf(join(folder, name, 'requests.yaml'));
      const bench = await workbenchOf(join(folder, name));
      const surroundings = surroundingsOf([bench], { ...table, now: NOW });
      const requests = table.requests.map((request) => resolveRequest(request, surroundings));
      const wrong = runTable(surroundings.dataPlane, requests).flatMap(({ request, failures }) =>
        failures.map(({ key, expected, actual, share }) => ({
          request: `${request.from} -> ${request.to} ${request.host ?? ''} ${request.method ?? ''} ${request.path ?? ''}`,
          key,
          expected,
          actual,
          share,
        })),
      );
      expect(wrong).toEqual([]);
    });
  }
});
