import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/live/protocols');
const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');
const manifests = Object.fromEntries(
  readdirSync(join(folder, 'manifests')).map((name) => [`/work/manifests/${name}`, read('manifests', name)]),
);

async function mesh(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const io = createFakeIo({ files: { ...manifests, ...files } });
  const code = await run(argv, io);
  return { code, out: io.output(), err: io.errors() };
}

const trace = async (...argv: readonly string[]) => (await mesh(['trace', '--from', 'shop/cli', ...argv])).out;

describe('clients of other protocols', () => {
  test.each(['recorded.mesh-test.yaml', 'requests.yaml'])('are answered as real Envoys answer them: %s', async (name) => {
    const { code, out } = await mesh(['test', `/work/${name}`], { [`/work/${name}`]: read(name) });
    expect(out).toMatch(/\n(\d+) of \1 requests as expected\n$/);
    expect(code).toBe(0);
  });

  test('a WebSocket is one where the server makes it', async () => {
    expect(await trace('--websocket', 'http://srv.shop:8080/ok')).toMatch(/\n101 served by shop\/srv:8080/);
  });

  test('not over HTTP/2 between proxies', async () => {
    expect(await trace('--websocket', 'http://up.shop:8080/ok')).toContain('takes no upgrade over HTTP/2');
  });

  test('gRPC gets its status in a header', async () => {
    expect(await trace('--grpc', 'http://srv.shop:8080/none')).toMatch(/\n200 gRPC status 12\n/);
    expect(await trace('--grpc', 'http://srv.shop:9090/ok')).toContain('gets POST /ok');
  });

  test('a server that speaks first is waited for where the port says no protocol', async () => {
    const out = await trace('--server-first', 'tcp://srv.shop:6666');
    expect(out).toContain('waits for the first bytes of the client, which waits for those of the server: for ever');
    expect(out).toContain('name it tcp-..., or set appProtocol');
  });

  test('unless detection has an end', async () => {
    const io = { '/work/mesh.yaml': 'protocolDetectionTimeout: 5s\n' };
    const argv = ['trace', '--from', 'shop/cli', '--mesh-config', 'mesh.yaml', '--server-first', 'tcp://srv.shop:6666'];
    const { out } = await mesh(argv, io);
    expect(out).toContain('for 5s');
    expect(out).toContain('outbound|6666||srv.shop.svc.cluster.local: takes the connection');
  });

  test('or the client speaks first', async () => {
    expect(await trace('tcp://srv.shop:6666')).toContain('outbound|6666||srv.shop.svc.cluster.local: takes the connection');
  });

  test('flags that exclude each other are a mistake', async () => {
    const { code, err } = await mesh(['trace', '--from', 'shop/cli', '--grpc', '--websocket', 'http://srv.shop:8080/']);
    expect(code).toBe(64);
    expect(err).toContain('cannot be used with');
  });
});
