import { describe, expect, test } from 'vitest';
import { readObservedCalls } from '../../../../src/operations/recommend/observed/read.ts';

const labels = {
  reporter: 'source',
  source_workload: 'web',
  source_workload_namespace: 'shop',
  source_principal: 'spiffe://cluster.local/ns/shop/sa/web',
  destination_service: 'cart.shop.svc.cluster.local',
  destination_service_name: 'cart',
  destination_service_namespace: 'shop',
  request_protocol: 'http',
};
const written = (changes: object = {}): string =>
  Object.entries({ ...labels, ...changes })
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
const call = {
  client: { workload: 'shop/web', identity: 'spiffe://cluster.local/ns/shop/sa/web' },
  server: { hosts: ['cart.shop.svc.cluster.local', 'cart.shop'] },
  isHttp: true,
};

describe('metrics', () => {
  test('in the text format: both ends of a call count it, and count once', () => {
    const text = `# TYPE istio_requests_total counter
istio_requests_total{${written({ response_code: '200' })}} 40
istio_requests_total{${written({ response_code: '503' })}} 2 1732600000000
istio_requests_total{${written({ reporter: 'destination' })}} 41
other_metric{a="}"} 1
`;
    expect(readObservedCalls('m', text)).toEqual({
      file: 'm',
      kind: 'metrics',
      calls: [{ ...call, count: 42, place: { file: 'm', line: 2 } }],
      others: 1,
    });
  });

  test('counters at zero count nothing, and unknown is nobody', () => {
    const unknown = { source_workload: 'unknown', source_workload_namespace: 'unknown', source_principal: 'unknown' };
    const text = `istio_requests_total{${written()}} 0
istio_tcp_connections_opened_total{${written({ ...unknown, request_protocol: 'tcp' })}} 3
`;
    expect(readObservedCalls('m', text).calls).toEqual([
      { ...call, client: {}, isHttp: false, count: 3, place: { file: 'm', line: 2 } },
    ]);
  });

  test('label values keep their quotes, braces and commas', () => {
    const text = String.raw`istio_requests_total{destination_service="a\"},b",source_workload="w\\x",source_workload_namespace="n"} 1`;
    expect(readObservedCalls('m', text).calls[0]).toMatchObject({ client: { workload: 'n/w\\x' }, server: { hosts: ['a"},b'] } });
  });

  test('as Prometheus answers: a vector, a matrix, a sum that has lost the name', () => {
    const expected = [{ ...call, count: 7, place: { file: 'm', line: 1 } }];
    const named = { ...labels, __name__: 'istio_requests_total' };
    const vector = { status: 'success', data: { resultType: 'vector', result: [{ metric: named, value: [1, '7'] }] } };
    const matrix = {
      data: {
        result: [
          {
            metric: named,
            values: [
              [1, '2'],
              [2, '7'],
            ],
          },
        ],
      },
    };
    const sum = [{ metric: labels, value: [1, '7'] }];
    for (const answer of [vector, matrix, sum]) {
      expect(readObservedCalls('m', JSON.stringify(answer, undefined, 1)).calls).toEqual(expected);
    }
  });
});

describe('access logs', () => {
  const tail = '200 - via_upstream - "-" 0 135 4 4 "10.0.0.1" "curl/8.5 (x; y)" "id"';
  const outbound = (path: string, remote = '10.244.1.5:41854'): string =>
    `[2026-11-26T10:00:01.120Z] "GET ${path} HTTP/2" ${tail} "cart:80" "10.244.2.9:8080" outbound|80||cart.shop.svc.cluster.local 10.244.1.5:1 10.96.1.9:80 ${remote} - default`;

  test('of the client in the text format', () => {
    expect(readObservedCalls('l', `${outbound('/a?b=1')}\n${outbound('/a?b=1', '10.244.1.5:9')}\nsomething else\n`)).toEqual({
      file: 'l',
      kind: 'access log',
      calls: [
        {
          client: { ip: '10.244.1.5' },
          server: { hosts: ['cart', 'cart.shop.svc.cluster.local', '10.96.1.9'], port: 80 },
          isHttp: true,
          count: 2,
          place: { file: 'l', line: 1 },
          request: { method: 'GET', path: '/a?b=1', authority: 'cart:80', isHttp2: true },
        },
      ],
      others: 1,
    });
  });

  test('the pod that wrote the line is the client, where kubectl or a collector names it', () => {
    const text = `[pod/web-5d4f8c-x2kqp/istio-proxy] ${outbound('/')}
{"method":"GET","path":"/","authority":"cart","upstream_cluster":"outbound|80||c","downstream_remote_address":"10.1.1.1:1","kubernetes":{"pod_name":"web-0","namespace_name":"shop"}}`;
    expect(readObservedCalls('l', text).calls.map(({ client }) => client)).toEqual([
      { pod: { name: 'web-5d4f8c-x2kqp' }, ip: '10.244.1.5' },
      { pod: { name: 'web-0', namespace: 'shop' }, ip: '10.1.1.1' },
    ]);
  });

  test('of the server: the service is in the server name of its TLS, the client is at the other end', () => {
    const line = JSON.stringify({
      method: 'POST',
      path: '/pay',
      protocol: 'HTTP/1.1',
      authority: 'cart',
      upstream_cluster: 'inbound|8080||',
      downstream_local_address: '10.244.2.9:8080',
      downstream_remote_address: '10.244.1.5:4000',
      requested_server_name: 'outbound_.80_._.cart.shop.svc.cluster.local',
      kubernetes: { pod_name: 'cart-0', namespace_name: 'shop' },
    });
    expect(readObservedCalls('l', `${line}\n`).calls).toEqual([
      {
        client: { ip: '10.244.1.5' },
        server: { hosts: ['cart.shop.svc.cluster.local', 'cart'], port: 80, address: { ip: '10.244.2.9', port: 8080 } },
        isHttp: true,
        count: 1,
        place: { file: 'l', line: 1 },
        request: { method: 'POST', path: '/pay', authority: 'cart', isHttp2: false },
      },
    ]);
  });

  test('of a connection: there is no request', () => {
    const line = `[2026-11-26T10:00:01.120Z] "- - -" 0 - - - "-" 0 135 4 - "-" "-" "-" "-" "10.244.2.9:9000" outbound|9000||db.shop.svc.cluster.local 10.244.1.5:1 10.96.1.9:9000 10.244.1.5:2 - -`;
    expect(readObservedCalls('l', line).calls).toEqual([
      {
        client: { ip: '10.244.1.5' },
        server: { hosts: ['db.shop.svc.cluster.local', '10.96.1.9'], port: 9000 },
        isHttp: false,
        count: 1,
        place: { file: 'l', line: 1 },
      },
    ]);
  });
});
