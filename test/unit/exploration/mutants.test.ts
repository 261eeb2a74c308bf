import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadInput } from '../../../src/input/load.ts';
import { compareConfigurations } from '../../../src/operations/diff/compare-configurations.ts';
import { differencesBetween } from '../../../src/operations/diff/compare-requests.ts';
import { type ManifestConfiguration, openConfiguration } from '../../../src/operations/diff/configuration.ts';
import { comparable, noticeRequest } from '../../../src/operations/diff/seen.ts';
import { inboundPortsOf, targetsOf } from '../../../src/sample-requests/targets.ts';
import type { DataPlane } from '../../../src/trace/data-plane.ts';
import type { TraceRequest } from '../../../src/trace/outcome.ts';
import { unknownServers } from '../../../src/trace/servers/unknown.ts';
import { type Files, fixture } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { mutantsOf } from '../../support/mutants.ts';

/** A few of them in every run; MESH_MUTANTS=all and MESH_REQUESTS=5000 try all, MESH_MUTANT_LOG gets a line for each. */
const WHOLE = process.env.MESH_MUTANTS === 'all';
const EVERY = WHOLE ? Number(process.env.MESH_EVERY ?? 1) : 31;
const FIRST = Number(process.env.MESH_FIRST ?? 0);
const REQUESTS = Number(process.env.MESH_REQUESTS ?? 150);
const LOG = process.env.MESH_MUTANT_LOG;
const FIXTURES = (process.env.MESH_FIXTURES ?? 'operations').split(' ');

async function sideOf(label: string, files: Files): Promise<ManifestConfiguration> {
  const io = createFakeIo({
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${label}/${name}`, text])),
  });
  return openConfiguration(label, await loadInput({ file: [label] }, [], io));
}

describe('a single edit that any request notices is seen by diff', () => {
  for (const name of FIXTURES) {
    const files = fixture(name);
    const original = once(async () => {
      const side = await sideOf('before', files);
      return { side, plane: planeOf(side) };
    });
    const mutants = mutantsOf(files).filter((_, index) => index >= FIRST && (index - FIRST) % EVERY === 0);
    for (const mutant of mutants) {
      test(`${name}: ${mutant.name}`, async () => {
        const [{ side: before, plane }, after] = [await original(), await sideOf('after', mutant.files)];
        const report = compareConfigurations(before, after, { requests: true, isProofWanted: true, now: 0 });
        const { changed, proof } = report.requests;
        const doubts = proof?.doubts.length ?? 0;
        const noticed = changed.length > 0 ? undefined : firstNoticed(before, after, plane);
        const verdict = changed.length > 0 ? 'found' : noticed !== undefined ? 'MISSED' : doubts > 0 ? 'open' : 'equal';
        if (LOG !== undefined) {
          const detail = JSON.stringify(noticed ?? proof?.doubts.slice(0, 2) ?? []);
          appendFileSync(
            LOG,
            `${verdict} ${name} ${mutant.name} classes=${proof?.classes} ${changed.length > 0 ? '' : detail}\n`,
          );
        }
        if (verdict === 'MISSED') expect(doubts, JSON.stringify(noticed)).toBeGreaterThan(0);
      }, 600_000);
    }
  }
});

/** Makes something when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function planeOf(side: ManifestConfiguration): DataPlane {
  return side.dataPlane({ servers: unknownServers, now: 0 });
}

/** A random request that ends otherwise. */
function firstNoticed(before: ManifestConfiguration, after: ManifestConfiguration, earlier: DataPlane): unknown {
  const later = planeOf(after);
  const requests = fc.sample(requestsOf(before, after, earlier), { numRuns: REQUESTS, seed: 7 });
  for (const request of requests) {
    const [one, other] = [noticeRequest(request, earlier, false), noticeRequest(request, later, false)];
    const compared = comparable(one, other);
    const differences = differencesBetween(compared.before, compared.after);
    if (Object.keys(differences).length > 0) return { request, differences };
  }
  return undefined;
}

/** Requests of pods to what their proxies know, and from outside to gateways, made of the texts of the configuration. */
function requestsOf(before: ManifestConfiguration, after: ManifestConfiguration, plane: DataPlane): fc.Arbitrary<TraceRequest> {
  const texts = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string' && value.length < 60) texts.add(value);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect);
  };
  for (const side of [before, after]) for (const { spec } of side.input.resources) collect(spec);
  const all = [...texts];
  const words = fc.constantFrom(...all.filter((text) => /^[!-~]+$/.test(text)), 'x');
  const paths = fc
    .tuple(fc.constantFrom('/', ...all.filter((text) => /^\/[^ ?#]*$/.test(text))), fc.constantFrom('', '', '/', 'x', '/x'))
    .map(([path, more]) => `${path}${more}`);
  const names = fc.constantFrom('x-user', 'end-user', 'content-type', ...all.filter((text) => /^[a-z][a-z-]+$/.test(text)));
  const places = plane.pods.flatMap((pod) => {
    const snapshot = plane.snapshotOf(pod);
    if (snapshot === undefined) return [];
    const isGateway = pod.proxy === 'gateway';
    const own = pod.ips[0] ?? '';
    const targets = [...targetsOf(snapshot).values()].map(({ scheme, host, ip, port, serverName }) => ({
      from: isGateway ? '' : `${pod.namespace}/${pod.name}`,
      address: { ip: ip ?? own, port },
      scheme,
      host,
      serverName,
    }));
    const direct = isGateway
      ? []
      : inboundPortsOf(snapshot).map((port) => ({
          from: '',
          address: { ip: own, port },
          scheme: 'http' as const,
          host: 'x',
          serverName: undefined,
        }));
    return [...targets, ...direct];
  });
  return fc
    .record({
      place: fc.constantFrom(...places),
      method: fc.constantFrom('GET', 'GET', 'POST', 'DELETE'),
      target: paths,
      headers: fc.oneof(fc.constant([]), fc.array(fc.tuple(names, words), { maxLength: 2 })),
    })
    .map(({ place: { host, serverName, ...place }, method, target, headers }) => ({
      ...place,
      method,
      target,
      authority: host,
      headers,
      isBrief: true,
      ...(serverName !== undefined && { serverName }),
    }));
}
