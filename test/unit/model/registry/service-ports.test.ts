import { describe, expect, test } from 'vitest';
import { portProtocol } from '../../../../src/model/registry/service-ports.ts';

describe('the protocol of a Kubernetes port', () => {
  test.each([
    [{ port: 80, name: 'http' }, 'HTTP'],
    [{ port: 80, name: 'HTTP2-api' }, 'HTTP2'],
    [{ port: 80, name: 'grpc-web-api' }, 'GRPC-Web'],
    [{ port: 80, name: 'web-http' }, 'Unsupported'],
    [{ port: 80 }, 'Unsupported'],
    [{ port: 3306 }, 'TCP'],
    [{ port: 3306, name: 'http-admin' }, 'HTTP'],
    [{ port: 53, protocol: 'UDP', name: 'http' }, 'UDP'],
    [{ port: 80, name: 'tcp', appProtocol: 'http' }, 'HTTP'],
    [{ port: 80, name: 'tcp', appProtocol: 'something' }, 'Unsupported'],
    [{ port: 80, appProtocol: 'kubernetes.io/h2c' }, 'HTTP2'],
    [{ port: 80, appProtocol: 'kubernetes.io/ws' }, 'HTTP'],
    [{ port: 80, appProtocol: 'kubernetes.io/wss' }, 'HTTPS'],
  ] as const)('%o is %s', (port, protocol) => {
    expect(portProtocol(port)).toBe(protocol);
  });
});
