import { expect, test } from 'vitest';
import { inputOfTexts } from '../../../src/input/load.ts';
import { assumedOf } from '../../../src/operations/assumed.ts';
import { createRecording } from '../../../src/trace/recording/record.ts';
import { unknownServers } from '../../../src/trace/servers/unknown.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { compileExpression } from '../../../src/util/re2.ts';
import { openWorkbench } from '../../../src/workbench/workbench.ts';
import { shopOf } from '../../support/diff-shop.ts';

/** What cannot be told of a request that a route spreads over so many destinations, the last of them `api`: alike, or each with a header of its own. */
function untraceable(destinations: number, are: 'alike' | 'different'): readonly string[] {
  const names = Array.from({ length: destinations }, (_, at) => (at === destinations - 1 ? 'api' : 'web'));
  const headers = (at: number): string => (are === 'alike' ? '' : `, headers: {request: {set: {at: "${at}"}}}`);
  const routes = names.map((name, at) => `{destination: {host: ${name}.shop.svc.cluster.local}, weight: 1${headers(at)}}`);
  const texts = Object.entries({
    ...shopOf(['web', 'api', 'client']),
    'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [{route: [${routes.join(', ')}]}]}
`,
  }).map(([file, text]) => ({ file, text }));
  const plane = openWorkbench(inputOfTexts(texts)).dataPlane({ servers: unknownServers, now: 0 });
  const authority = 'web.shop.svc.cluster.local';
  const recorder = createRecording(compileExpression).begin({
    address: undefined,
    serverName: undefined,
    token: undefined,
    isForOneAuthority: true,
    issuers: [],
  });
  const client = plane.pods.find(({ workloadName }) => workloadName === 'client');
  const address = { ip: plane.resolve(authority) ?? '', port: 80 };
  const from = `shop/${client?.name}`;
  traceRequest(plane, { from, address, scheme: 'http', method: 'GET', target: '/', authority, headers: [] }, recorder);
  return assumedOf(recorder.assumptions()).untraceable;
}

test('who records a request hears that it can go on more ways than are followed', () => {
  expect(untraceable(700, 'different')).toEqual(['which of more ways than are followed a request takes']);
  expect(untraceable(20, 'different')).toEqual([]);
});

test('destinations that a route lists several times are one way', () => {
  expect(untraceable(700, 'alike')).toEqual([]);
});
