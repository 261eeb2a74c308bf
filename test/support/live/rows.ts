import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Witness } from '../../../src/exploration/request-of.ts';
import { podNamed, seenFrom } from '../../../src/trace/data-plane.ts';
import { observed } from '../../../src/trace/expectation.ts';
import { entryOf } from '../../../src/trace/first-proxy.ts';
import type { Outcome } from '../../../src/trace/outcome.ts';
import { runTable } from '../../../src/trace/table.ts';
import { formatHostPort } from '../../../src/util/host-port.ts';
import { compact, fieldsOf } from '../../../src/util/object.ts';
import { parseYamlValue } from '../../../src/util/yaml.ts';
import type { Surroundings } from '../../../src/workbench/surroundings.ts';
import { answersOf } from './case-envoys.ts';

/** The row of a table for a request that curl can send, with what a trace foretells; none for others. */
export function rowOf({ request, token }: Pick<Witness, 'request' | 'token'>, { dataPlane }: Surroundings): readonly object[] {
  const { from, address, scheme, method, target, authority, headers, clientCertificate } = request;
  const isPlain = /^[A-Z]+$/.test(method) && !['CONNECT', 'HEAD'].includes(method) && /^\/[!-~]*$/.test(target);
  const isSendable = headers.every(
    ([name, value]) => /^[a-z0-9-]+$/.test(name) && value !== '' && !/^(upgrade|connection)$/.test(name),
  );
  // Of certificates there is that of the client's identity alone.
  if (token !== undefined || typeof clientCertificate === 'object' || 'unresolved' in address || !isPlain || !isSendable)
    return [];
  const to = formatHostPort(address.ip, address.port);
  const row = { from, to, host: authority, method, path: target, scheme, headers: Object.fromEntries(headers) };
  const shown = compact({ clientCertificate });
  return runTable(dataPlane, [{ ...row, ...shown, isWithoutNodes: true, expect: {} }]).map(({ outcomes }) => ({
    ...row,
    ...compact({ clientCert: clientCertificate }),
    expect: foretold(outcomes, from, to, dataPlane),
  }));
}

/** What all ways of a request have in common, and who may answer. */
function foretold(outcomes: readonly Outcome[], from: string, to: string, dataPlane: Surroundings['dataPlane']): object {
  const client = podNamed(dataPlane, from);
  const entry = entryOf(seenFrom(dataPlane, client), client, to);
  const ways = outcomes.map((outcome) => observed(outcome, entry));
  const [first] = ways;
  const pods = [...new Set(ways.map(({ pod }) => pod))];
  const same = (key: 'status' | 'flags' | 'route' | 'cluster'): object =>
    first !== undefined && ways.every((way) => way[key] === first[key]) ? { [key]: first[key] } : {};
  const [pod] = pods;
  return {
    ...same('status'),
    ...same('flags'),
    ...same('route'),
    ...same('cluster'),
    ...(pods.length === 1 ? { pod } : pods.includes(null) ? {} : { pod: pods }),
  };
}

/** So many of a list, from all over it. */
export function spread<T>(list: readonly T[], most: number): readonly T[] {
  return list.filter((_, at) => Math.floor((at * most) / list.length) !== Math.floor(((at - 1) * most) / list.length));
}

/** Sends the rows in the world of a case, who listens where and what names lead to, and gives the lines that are not as foretold. */
export async function unexpectedOf(folder: string, rows: readonly object[]): Promise<readonly string[]> {
  const work = mkdtempSync(join(tmpdir(), 'mesh-witnesses-'));
  try {
    cpSync(join(folder, 'manifests'), join(work, 'manifests'), { recursive: true });
    if (existsSync(join(folder, 'mesh.yaml'))) cpSync(join(folder, 'mesh.yaml'), join(work, 'mesh.yaml'));
    const table = fieldsOf(parseYamlValue(readFileSync(join(folder, 'requests.yaml'), 'utf8')));
    writeFileSync(join(work, 'requests.yaml'), JSON.stringify({ ...table, requests: rows }));
    const lines = await answersOf(work);
    return lines.filter((line) => !line.startsWith('ok '));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
