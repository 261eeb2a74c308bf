import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files, fixture, generatedMesh } from '../../support/diff.ts';

/** An edit, and all that it changes: whom, by which resource, which requests. */
interface Edit {
  readonly name: string;
  readonly before: Files;
  readonly after: Files;
  readonly cause: string;
  readonly proxies: readonly string[];
  readonly requests: readonly string[];
}

const bookinfo = fixture('bookinfo');
const helloworld = fixture('helloworld');
const operations = fixture('operations');
const generated = generatedMesh(6);
const added = (text: string): Files => ({ 'added.yaml': text });
const without = (files: Files, name: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([file]) => file !== name));

const everyBookinfo = [
  'default/details-v1-0',
  'default/productpage-v1-0',
  'default/ratings-v1-0',
  'default/reviews-v1-0',
  'default/reviews-v2-0',
  'default/reviews-v3-0',
];
const everyOperations = [
  'admin/console-0',
  'default/httpbin-0',
  'default/sleep-0',
  'default/web-api-v1-0',
  'default/web-api-v2-0',
  'foo/reviews-v1-0',
  'istio-system/istio-ingressgateway-0',
];
const everyGenerated = [
  'team-0/service-0-0',
  'team-0/service-1-0',
  'team-1/service-2-0',
  'team-1/service-3-0',
  'team-2/service-4-0',
  'team-2/service-5-0',
];
const gateway = 'istio-system/istio-ingressgateway-0';
const token = (issuer: string): string => `authorization=Bearer {"iss":"${issuer}@secure.example.com","sub":"someone"}`;

/** Forty-four edits; `all` are all workloads with a sidecar. */
const edits: readonly Edit[] = [
  {
    name: 'a VirtualService sends one user to another subset',
    before: bookinfo,
    after: edit(bookinfo, 'reviews-routing.yaml', 'subset: v2', 'subset: v3'),
    cause: 'VirtualService default/reviews',
    proxies: everyBookinfo,
    requests: ['all: GET http://reviews.default:9080/ end-user=jason: pods default/reviews-v2-0 -> default/reviews-v3-0'],
  },
  {
    name: 'a VirtualService asks for another header value',
    before: bookinfo,
    after: edit(bookinfo, 'reviews-routing.yaml', 'exact: jason', 'exact: bob'),
    cause: 'VirtualService default/reviews',
    proxies: everyBookinfo,
    requests: [
      'all: GET http://reviews.default:9080/ end-user=jason: pods default/reviews-v2-0 -> default/reviews-v1-0',
      'all: GET http://reviews.default:9080/ end-user=bob: pods default/reviews-v1-0 -> default/reviews-v2-0',
    ],
  },
  {
    name: 'a subset selects other pods',
    before: bookinfo,
    after: edit(bookinfo, 'reviews-routing.yaml', '        version: v1', '        version: v3'),
    cause: 'DestinationRule default/reviews',
    proxies: everyBookinfo,
    requests: ['all: GET http://reviews.default:9080/: pods default/reviews-v1-0 -> default/reviews-v3-0'],
  },
  {
    name: 'a route gets a timeout',
    before: bookinfo,
    after: edit(bookinfo, 'reviews-routing.yaml', '    - route:\n', '    - timeout: 2s\n      route:\n'),
    cause: 'VirtualService default/reviews',
    proxies: everyBookinfo,
    requests: ['all: GET http://reviews.default:9080/: timeout none -> 2s (504)'],
  },
  {
    name: 'a Deployment gets a second pod',
    before: bookinfo,
    after: edit(bookinfo, 'ratings.yaml', 'replicas: 1', 'replicas: 2'),
    cause: 'Deployment default/ratings-v1',
    proxies: [...everyBookinfo, '+default/ratings-v1-1'],
    requests: [
      'default/details-v1, default/productpage-v1, default/ratings-v1, default/reviews-v1, default/reviews-v2, default/reviews-v3, a pod without sidecar: GET http://ratings.default:9080/: pods default/ratings-v1-0 -> default/ratings-v1-0 50%, default/ratings-v1-1 50%',
    ],
  },
  {
    name: 'a port is no longer HTTP',
    before: bookinfo,
    after: edit(bookinfo, 'ratings.yaml', '- name: http\n', '- name: tcp\n'),
    cause: 'Service default/ratings',
    proxies: everyBookinfo,
    requests: [
      'all: GET http://ratings.default:9080/: response headers server: envoy -> none; request headers x-envoy-attempt-count: 1; x-forwarded-proto: http -> none',
      'all: CONNECT tcp://ratings.default:9080: pods none -> default/ratings-v1-0',
      'a pod without sidecar: GET http://ratings-v1.default:9080/: response headers server: istio-envoy -> none; request headers x-forwarded-proto: http -> none',
    ],
  },
  {
    name: 'mutual TLS becomes a must',
    before: bookinfo,
    after: {
      ...bookinfo,
      ...added(
        'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: default}\nspec: {mtls: {mode: STRICT}}',
      ),
    },
    cause: 'PeerAuthentication default/default',
    proxies: everyBookinfo,
    requests: [
      'a pod without sidecar: GET http://details-v1.default:9080/: status 200 -> no answer',
      'a pod without sidecar: GET http://productpage-v1.default:9080/: status 200 -> no answer',
      'a pod without sidecar: GET http://ratings-v1.default:9080/: status 200 -> no answer',
      'a pod without sidecar: GET http://reviews-v1.default:9080/: status 200 -> no answer',
      'a pod without sidecar: GET http://reviews-v2.default:9080/: status 200 -> no answer',
      'a pod without sidecar: GET http://reviews-v3.default:9080/: status 200 -> no answer',
    ],
  },
  {
    name: 'a policy allows one caller only',
    before: bookinfo,
    after: {
      ...bookinfo,
      ...added(
        'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ratings, namespace: default}\nspec:\n  selector: {matchLabels: {app: ratings}}\n  rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/bookinfo-reviews]}}]}]',
      ),
    },
    cause: 'AuthorizationPolicy default/ratings',
    proxies: ['default/ratings-v1-0'],
    requests: [
      'default/details-v1, default/productpage-v1, default/ratings-v1: GET http://ratings.default:9080/: status 200 -> 403; policy none -> no policy allows it',
      'a pod without sidecar: GET http://ratings-v1.default:9080/: status 200 -> 403; policy none -> no policy allows it',
    ],
  },
  {
    name: 'a route gets a delay',
    before: bookinfo,
    after: edit(
      bookinfo,
      'reviews-routing.yaml',
      '    - route:\n',
      '    - fault: {delay: {percentage: {value: 100}, fixedDelay: 3s}}\n      route:\n',
    ),
    cause: 'VirtualService default/reviews',
    proxies: everyBookinfo,
    requests: ['all: GET http://reviews.default:9080/: flags - -> DI; delay none -> 3s'],
  },
  {
    name: 'a route rewrites the path',
    before: bookinfo,
    after: edit(bookinfo, 'reviews-routing.yaml', '    - route:\n', '    - rewrite: {uri: /v2}\n      route:\n'),
    cause: 'VirtualService default/reviews',
    proxies: everyBookinfo,
    requests: ['all: GET http://reviews.default:9080/: path / -> /v2; request headers none -> x-envoy-original-path: /'],
  },
  {
    name: 'a workload runs as another service account',
    before: bookinfo,
    after: edit(bookinfo, 'ratings.yaml', 'serviceAccountName: bookinfo-ratings', 'serviceAccountName: other'),
    cause: 'Deployment default/ratings-v1',
    proxies: everyBookinfo,
    requests: [],
  },
  {
    name: 'a service goes with its workload',
    before: bookinfo,
    after: without(bookinfo, 'details.yaml'),
    cause: 'Service default/details',
    proxies: [
      'default/productpage-v1-0',
      'default/ratings-v1-0',
      'default/reviews-v1-0',
      'default/reviews-v2-0',
      'default/reviews-v3-0',
      '-default/details-v1-0',
    ],
    requests: [
      'default/productpage-v1, default/ratings-v1, default/reviews-v1, default/reviews-v2, default/reviews-v3: GET http://details.default:9080/: status 200 -> 503',
      'a pod without sidecar: GET http://details.default:9080/: status 200 -> no answer',
    ],
  },
  {
    name: 'a DestinationRule turns mutual TLS off',
    before: bookinfo,
    after: {
      ...bookinfo,
      ...added(
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ratings, namespace: default}\nspec: {host: ratings, trafficPolicy: {tls: {mode: DISABLE}}}',
      ),
    },
    cause: 'DestinationRule default/ratings',
    proxies: everyBookinfo,
    requests: ['all: GET http://ratings.default:9080/: tls mutual TLS -> plain'],
  },
  {
    name: 'a workload loses its sidecar',
    before: bookinfo,
    after: edit(
      bookinfo,
      'ratings.yaml',
      / {2}template:\n {4}metadata:\n/,
      '  template:\n    metadata:\n      annotations: {sidecar.istio.io/inject: "false"}\n',
    ),
    cause: 'Deployment default/ratings-v1',
    proxies: [
      'default/details-v1-0',
      'default/productpage-v1-0',
      'default/reviews-v1-0',
      'default/reviews-v2-0',
      'default/reviews-v3-0',
      '-default/ratings-v1-0',
    ],
    requests: [
      'default/details-v1, default/productpage-v1, default/reviews-v1, default/reviews-v2, default/reviews-v3: GET http://ratings.default:9080/: tls mutual TLS -> plain',
      'default/ratings-v1: GET http://details.default:9080/: tls mutual TLS -> plain',
      'default/ratings-v1: GET http://productpage.default:9080/: tls mutual TLS -> plain',
      'default/ratings-v1: GET http://ratings.default:9080/: tls mutual TLS -> plain',
      'default/ratings-v1: GET http://reviews.default:9080/: pods default/reviews-v1-0 -> default/reviews-v1-0 33.3%, default/reviews-v2-0 33.3%, default/reviews-v3-0 33.3%; tls mutual TLS -> plain',
      'default/ratings-v1: GET http://reviews.default:9080/ end-user=jason: pods default/reviews-v2-0 -> default/reviews-v1-0 33.3%, default/reviews-v2-0 33.3%, default/reviews-v3-0 33.3%; tls mutual TLS -> plain',
    ],
  },
  {
    name: 'a Sidecar lets unknown hosts pass',
    before: helloworld,
    after: edit(helloworld, 'sidecars.yaml', /(default\/\*\n {2}outboundTrafficPolicy:\n {4}mode: )REGISTRY_ONLY/, '$1ALLOW_ANY'),
    cause: 'Sidecar foo/helloworld-sidecar-foo',
    proxies: ['foo/helloworld-foo-0'],
    requests: ['foo/helloworld-foo: GET http://unlisted.example.com:8080/: status 502 -> 200'],
  },
  {
    name: 'a Sidecar is for another port',
    before: helloworld,
    after: edit(helloworld, 'sidecars.yaml', 'number: 80\n', 'number: 8080\n'),
    cause: 'Sidecar default/helloworld-sidecar-default',
    proxies: ['default/helloworld-default-0'],
    requests: [
      'default/helloworld-default: GET http://helloworld.foo/: status 200 -> no answer',
      'default/helloworld-default: GET http://unlisted.example.com/: status 502 -> no answer',
      'default/helloworld-default: GET http://helloworld.foo:8080/: status no answer -> 200',
      'default/helloworld-default: GET http://unlisted.example.com:8080/: status no answer -> 502',
    ],
  },
  {
    name: 'a Sidecar sees another namespace',
    before: helloworld,
    after: edit(helloworld, 'sidecars.yaml', '- default/*', '- istio-system/*'),
    cause: 'Sidecar foo/helloworld-sidecar-foo',
    proxies: ['foo/helloworld-foo-0'],
    requests: ['foo/helloworld-foo: GET http://helloworld.default:8080/: status 200 -> 502'],
  },
  {
    name: 'a Sidecar selects nobody',
    before: helloworld,
    after: edit(helloworld, 'sidecars.yaml', 'app: helloworld', 'app: nobody'),
    cause: 'Sidecar default/helloworld-sidecar-default',
    proxies: ['default/helloworld-default-0'],
    requests: [
      'default/helloworld-default: GET http://unlisted.example.com/: status 502 -> 200',
      'default/helloworld-default: GET http://helloworld.default:8080/: status no answer -> 200',
      'default/helloworld-default: GET http://helloworld.foo:8080/: status no answer -> 200',
      'default/helloworld-default: GET http://unlisted.example.com:8080/: status no answer -> 200',
      'default/helloworld-default: GET http://helloworld.default/: status 502 -> 200',
    ],
  },
  {
    name: 'a Service leads to another port of its pods',
    before: helloworld,
    after: edit(helloworld, 'helloworld.yaml', 'targetPort: 80', 'targetPort: 81'),
    cause: 'Service default/helloworld',
    proxies: ['default/helloworld-default-0', 'foo/helloworld-foo-0'],
    requests: [
      'foo/helloworld-foo: GET http://helloworld.default:8080/: status 200 -> 503',
      'a pod without sidecar: GET http://helloworld-default.default:81/: cluster InboundPassthroughCluster -> inbound|81||',
      'a pod without sidecar: GET http://helloworld.default:8080/: status 200 -> 503',
    ],
  },
  {
    name: 'a Sidecar goes',
    before: helloworld,
    after: edit(helloworld, 'sidecars.yaml', /---[\s\S]*/, ''),
    cause: 'Sidecar foo/helloworld-sidecar-foo',
    proxies: ['foo/helloworld-foo-0'],
    requests: [
      'foo/helloworld-foo: GET http://unlisted.example.com:8080/: status 502 -> 200',
      'foo/helloworld-foo: GET http://helloworld.default/: status no answer -> 200',
      'foo/helloworld-foo: GET http://helloworld.foo/: status no answer -> 200',
      'foo/helloworld-foo: GET http://unlisted.example.com/: status no answer -> 200',
    ],
  },
  {
    name: 'weights change',
    before: operations,
    after: edit(edit(operations, 'traffic.yaml', 'weight: 50', 'weight: 90'), 'traffic.yaml', 'weight: 50', 'weight: 10'),
    cause: 'VirtualService default/web-api',
    proxies: [gateway],
    requests: [
      'outside: GET http://example.com:8080/: pods default/web-api-v1-0 50%, default/web-api-v2-0 50% -> default/web-api-v1-0 90%, default/web-api-v2-0 10%',
      `outside: GET http://example.com:8080/ ${token('testing')}: pods default/web-api-v1-0 50%, default/web-api-v2-0 50% -> default/web-api-v1-0 90%, default/web-api-v2-0 10%`,
    ],
  },
  {
    name: 'a Gateway loses a host',
    before: operations,
    after: edit(operations, 'traffic.yaml', '        - httpbin.example.com\n', ''),
    cause: 'Gateway default/web-api-gateway',
    proxies: [gateway],
    requests: [
      'outside: GET http://httpbin.example.com:8080/headers: status 200 -> 404',
      'outside: GET http://httpbin.example.com:8080/headersx: status 200 -> 404',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: status 200 -> 404`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: status 200 -> 404`,
    ],
  },
  {
    name: 'a route is for another prefix',
    before: operations,
    after: edit(operations, 'traffic.yaml', 'prefix: /headers', 'prefix: /anything'),
    cause: 'VirtualService default/httpbin',
    proxies: [gateway],
    requests: [
      'outside: GET http://httpbin.example.com:8080/headers: status 200 -> 404',
      'outside: GET http://httpbin.example.com:8080/headersx: status 200 -> 404',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: status 200 -> 404`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: status 200 -> 404`,
      'outside: GET http://httpbin.example.com:8080/anything: status 404 -> 200',
      'outside: GET http://httpbin.example.com:8080/anythingx: status 404 -> 200',
      `outside: GET http://httpbin.example.com:8080/anything ${token('testing')}: status 404 -> 200`,
      `outside: GET http://httpbin.example.com:8080/anythingx ${token('testing')}: status 404 -> 200`,
    ],
  },
  {
    name: 'a route adds another request header',
    before: operations,
    after: edit(operations, 'traffic.yaml', 'key2: def', 'key2: ghi'),
    cause: 'VirtualService default/httpbin',
    proxies: [gateway],
    requests: [
      'outside: GET http://httpbin.example.com:8080/headers: request headers key2: def -> key2: ghi',
      'outside: GET http://httpbin.example.com:8080/headersx: request headers key2: def -> key2: ghi',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: request headers key2: def -> key2: ghi`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: request headers key2: def -> key2: ghi`,
    ],
  },
  {
    name: 'a route adds another response header',
    before: operations,
    after: edit(operations, 'traffic.yaml', 'key1: abc', 'key1: abd'),
    cause: 'VirtualService default/httpbin',
    proxies: [gateway],
    requests: [
      'outside: GET http://httpbin.example.com:8080/headers: response headers key1: abc -> key1: abd',
      'outside: GET http://httpbin.example.com:8080/headersx: response headers key1: abc -> key1: abd',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: response headers key1: abc -> key1: abd`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: response headers key1: abc -> key1: abd`,
    ],
  },
  {
    name: 'a ServiceEntry is for another host',
    before: operations,
    after: edit(operations, 'traffic.yaml', 'www.google.com', 'www.example.org'),
    cause: 'ServiceEntry default/google',
    proxies: everyOperations,
    requests: [
      'all: CONNECT tls://www.google.com:443: cluster outbound|443||www.google.com -> PassthroughCluster',
      'all: CONNECT tls://www.example.org:443: cluster PassthroughCluster -> outbound|443||www.example.org',
    ],
  },
  {
    name: 'a ServiceEntry is for another port',
    before: operations,
    after: edit(
      operations,
      'traffic.yaml',
      'number: 443\n      name: https\n      protocol: HTTPS',
      'number: 80\n      name: http\n      protocol: HTTP',
    ),
    cause: 'ServiceEntry default/google',
    proxies: everyOperations,
    requests: [
      'all: CONNECT tls://www.google.com:443: cluster outbound|443||www.google.com -> PassthroughCluster',
      'all: GET http://www.google.com/: cluster PassthroughCluster -> outbound|80||www.google.com',
    ],
  },
  {
    name: 'a policy names another identity',
    before: operations,
    after: edit(operations, 'policies.yaml', 'sa/sleep', 'sa/default'),
    cause: 'AuthorizationPolicy foo/reviews-callers',
    proxies: ['foo/reviews-v1-0'],
    requests: [
      'default/httpbin, default/web-api-v1, default/web-api-v2: GET http://reviews.foo:9080/: status 403 -> 200; policy no policy allows it -> none',
      'default/sleep: GET http://reviews.foo:9080/: status 200 -> 403; policy none -> no policy allows it',
    ],
  },
  {
    name: 'a policy that allows nothing allows everything',
    before: operations,
    after: edit(operations, 'policies.yaml', 'spec: {}', 'spec: {rules: [{}]}'),
    cause: 'AuthorizationPolicy admin/deny-all',
    proxies: ['admin/console-0'],
    requests: [
      'all: GET http://console.admin/: status 403 -> 200; policy no policy allows it -> none',
      'a pod without sidecar: GET http://console.admin:8080/: status 403 -> 200; policy no policy allows it -> none',
    ],
  },
  {
    name: 'mutual TLS is no longer a must, and a policy decides',
    before: operations,
    after: edit(operations, 'policies.yaml', 'mode: STRICT', 'mode: PERMISSIVE'),
    cause: 'PeerAuthentication foo/reviews-strict',
    proxies: ['foo/reviews-v1-0'],
    requests: [
      'a pod without sidecar: GET http://reviews-v1.foo:9080/: status no answer -> 403; policy none -> no policy allows it',
    ],
  },
  {
    name: 'tokens are of another issuer',
    before: operations,
    after: edit(operations, 'policies.yaml', 'testing@secure', 'staging@secure'),
    cause: 'RequestAuthentication istio-system/ingress-jwt',
    proxies: [gateway],
    requests: [
      `all: GET http://istio-ingressgateway.istio-system/ ${token('testing')}: status 404 -> 401; policy none -> token: Jwt issuer is not configured`,
      `all: GET http://istio-ingressgateway.istio-system/ ${token('staging')}: status 401 -> 404; policy token: Jwt issuer is not configured -> none`,
      `outside: GET http://example.com:8080/ ${token('testing')}: status 200 -> 401; policy none -> token: Jwt issuer is not configured`,
      `outside: GET http://example.com:8080/ ${token('staging')}: status 401 -> 200; policy token: Jwt issuer is not configured -> none`,
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: status 200 -> 401; policy none -> token: Jwt issuer is not configured`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: status 200 -> 401; policy none -> token: Jwt issuer is not configured`,
      `outside: GET http://httpbin.example.com:8080/headers ${token('staging')}: status 401 -> 200; policy token: Jwt issuer is not configured -> none`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('staging')}: status 401 -> 200; policy token: Jwt issuer is not configured -> none`,
      `outside: GET http://httpbin.example.com:8080/ ${token('testing')}: status 404 -> 401; policy none -> token: Jwt issuer is not configured`,
      `outside: GET http://httpbin.example.com:8080/ ${token('staging')}: status 401 -> 404; policy token: Jwt issuer is not configured -> none`,
      'all: GET http://10.96.136.213/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: policy token: Jwt verification fails -> token: Jwt issuer is not configured',
      'all: GET http://10.96.136.213/ authorization=Bearer invalid {"iss":"staging@secure.example.com"}: policy token: Jwt issuer is not configured -> token: Jwt verification fails',
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: policy token: Jwt verification fails -> token: Jwt issuer is not configured',
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"staging@secure.example.com"}: policy token: Jwt issuer is not configured -> token: Jwt verification fails',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: policy token: Jwt verification fails -> token: Jwt issuer is not configured',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"staging@secure.example.com"}: policy token: Jwt issuer is not configured -> token: Jwt verification fails',
    ],
  },
  {
    name: 'an EnvoyFilter writes its log elsewhere',
    before: operations,
    after: edit(operations, 'access-log.yaml', '/dev/stdout', '/dev/stderr'),
    cause: 'EnvoyFilter istio-system/ingressgateway-access-logging',
    proxies: [gateway],
    requests: [],
  },
  {
    name: 'a gateway listens elsewhere',
    before: operations,
    after: edit(operations, 'ingress-gateway.yaml', 'targetPort: 8080', 'targetPort: 8081'),
    cause: 'Service istio-system/istio-ingressgateway',
    proxies: everyOperations,
    requests: [
      'outside: GET http://example.com:8080/: status 200 -> no answer',
      `outside: GET http://example.com:8080/ ${token('testing')}: status 200 -> no answer`,
      'outside: GET http://httpbin.example.com:8080/: status 404 -> no answer',
      'outside: GET http://httpbin.example.com:8080/other: status 404 -> no answer',
      `outside: GET http://httpbin.example.com:8080/ ${token('testing')}: status 404 -> no answer`,
      'outside: GET http://httpbin.example.com:8080/headers: status 200 -> no answer',
      'outside: GET http://httpbin.example.com:8080/headersx: status 200 -> no answer',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: status 200 -> no answer`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: status 200 -> no answer`,
      'outside: GET http://example.com:8081/: status no answer -> 200',
      `outside: GET http://example.com:8081/ ${token('testing')}: status no answer -> 200`,
      'outside: GET http://httpbin.example.com:8081/: status no answer -> 404',
      'outside: GET http://httpbin.example.com:8081/other: status no answer -> 404',
      `outside: GET http://httpbin.example.com:8081/ ${token('testing')}: status no answer -> 404`,
      'outside: GET http://httpbin.example.com:8081/headers: status no answer -> 200',
      'outside: GET http://httpbin.example.com:8081/headersx: status no answer -> 200',
      `outside: GET http://httpbin.example.com:8081/headers ${token('testing')}: status no answer -> 200`,
      `outside: GET http://httpbin.example.com:8081/headersx ${token('testing')}: status no answer -> 200`,
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status 401 -> no answer; policy token: Jwt verification fails -> none',
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status 401 -> no answer; policy token: Jwt issuer is not configured -> none',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status 401 -> no answer; policy token: Jwt verification fails -> none',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status 401 -> no answer; policy token: Jwt issuer is not configured -> none',
      'outside: GET http://example.com:8081/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status no answer -> 401; policy none -> token: Jwt verification fails',
      'outside: GET http://example.com:8081/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status no answer -> 401; policy none -> token: Jwt issuer is not configured',
      'outside: GET http://httpbin.example.com:8081/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status no answer -> 401; policy none -> token: Jwt verification fails',
      'outside: GET http://httpbin.example.com:8081/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status no answer -> 401; policy none -> token: Jwt issuer is not configured',
    ],
  },
  {
    name: 'a Gateway selects no gateway',
    before: operations,
    after: edit(operations, 'traffic.yaml', 'istio: ingressgateway', 'istio: other'),
    cause: 'Gateway default/web-api-gateway',
    proxies: [gateway],
    requests: [
      'all: GET http://istio-ingressgateway.istio-system/: status 404 -> 503',
      `all: GET http://istio-ingressgateway.istio-system/ ${token('testing')}: status 404 -> 503`,
      'outside: GET http://example.com:8080/: status 200 -> no answer',
      `outside: GET http://example.com:8080/ ${token('testing')}: status 200 -> no answer`,
      'outside: GET http://httpbin.example.com:8080/: status 404 -> no answer',
      'outside: GET http://httpbin.example.com:8080/other: status 404 -> no answer',
      `outside: GET http://httpbin.example.com:8080/ ${token('testing')}: status 404 -> no answer`,
      'outside: GET http://httpbin.example.com:8080/headers: status 200 -> no answer',
      'outside: GET http://httpbin.example.com:8080/headersx: status 200 -> no answer',
      `outside: GET http://httpbin.example.com:8080/headers ${token('testing')}: status 200 -> no answer`,
      `outside: GET http://httpbin.example.com:8080/headersx ${token('testing')}: status 200 -> no answer`,
      'all: GET http://10.96.136.213/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status 401 -> 503; policy token: Jwt verification fails -> none',
      'all: GET http://10.96.136.213/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status 401 -> 503; policy token: Jwt issuer is not configured -> none',
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status 401 -> no answer; policy token: Jwt verification fails -> none',
      'outside: GET http://example.com:8080/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status 401 -> no answer; policy token: Jwt issuer is not configured -> none',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"testing@secure.example.com"}: status 401 -> no answer; policy token: Jwt verification fails -> none',
      'outside: GET http://httpbin.example.com:8080/ authorization=Bearer invalid {"iss":"https://issuer.invalid"}: status 401 -> no answer; policy token: Jwt issuer is not configured -> none',
    ],
  },
  {
    name: 'a timeout changes, for those whom the policy lets call',
    before: generated,
    after: edit(generated, 'service-3.yaml', '5s', '7s'),
    cause: 'VirtualService team-1/service-3',
    proxies: everyGenerated,
    requests: [
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-3.team-1/api/: timeout 5s (504) -> 7s (504)',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-3.team-1/api/x: timeout 5s (504) -> 7s (504)',
    ],
  },
  {
    name: 'a policy is for another path',
    before: generated,
    after: edit(generated, 'policy-service-2.yaml', '/api/*', '/v1/*'),
    cause: 'AuthorizationPolicy team-1/service-2',
    proxies: ['team-1/service-2-0'],
    requests: [
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/api/: status 200 -> 403; policy none -> no policy allows it',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/api/x: status 200 -> 403; policy none -> no policy allows it',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/v1/: status 403 -> 200; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/v1/x: status 403 -> 200; policy no policy allows it -> none',
    ],
  },
  {
    name: 'a policy is for another method',
    before: generated,
    after: edit(generated, 'policy-service-2.yaml', 'GET', 'POST'),
    cause: 'AuthorizationPolicy team-1/service-2',
    proxies: ['team-1/service-2-0'],
    requests: [
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/api/: status 200 -> 403; policy none -> no policy allows it',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: GET http://service-2.team-1/api/x: status 200 -> 403; policy none -> no policy allows it',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: POST http://service-2.team-1/api/: status 403 -> 200; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3: POST http://service-2.team-1/api/x: status 403 -> 200; policy no policy allows it -> none',
    ],
  },
  {
    name: 'a policy names another namespace',
    before: generated,
    after: edit(generated, 'policy-service-2.yaml', 'team-0', 'team-2'),
    cause: 'AuthorizationPolicy team-1/service-2',
    proxies: ['team-1/service-2-0'],
    requests: [
      'team-0/service-0, team-0/service-1: GET http://service-2.team-1/api/: status 200 -> 403; policy none -> no policy allows it',
      'team-0/service-0, team-0/service-1: GET http://service-2.team-1/api/x: status 200 -> 403; policy none -> no policy allows it',
      'team-2/service-4, team-2/service-5: GET http://service-2.team-1/api/: status 403 -> 200; policy no policy allows it -> none',
      'team-2/service-4, team-2/service-5: GET http://service-2.team-1/api/x: status 403 -> 200; policy no policy allows it -> none',
    ],
  },
  {
    name: 'a policy goes',
    before: generated,
    after: without(generated, 'policy-service-5.yaml'),
    cause: 'AuthorizationPolicy team-2/service-5',
    proxies: ['team-2/service-5-0'],
    requests: [
      'team-0/service-0, team-0/service-1, team-2/service-4, team-2/service-5: GET http://service-5.team-2/: status 403 -> 200; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1, team-2/service-4, team-2/service-5: GET http://service-5.team-2/other: status 403 -> 200; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-5.team-2/: status 403 -> 200; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-5.team-2/other: status 403 -> 200; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-5.team-2/api/: status 403 -> 200; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-5.team-2/api/x: status 403 -> 200; policy no policy allows it -> none',
      'a pod without sidecar: GET http://service-5.team-2:8080/: status 403 -> 200; policy no policy allows it -> none',
      'a pod without sidecar: GET http://service-5.team-2:8080/other: status 403 -> 200; policy no policy allows it -> none',
      'a pod without sidecar: GET http://service-5.team-2:8080/api/: status 403 -> 200; policy no policy allows it -> none',
      'a pod without sidecar: GET http://service-5.team-2:8080/api/x: status 403 -> 200; policy no policy allows it -> none',
    ],
  },
  {
    name: 'a route gets retries',
    before: generated,
    after: edit(generated, 'service-4.yaml', 'timeout: 5s', 'timeout: 5s\n    retries: {attempts: 5, retryOn: 5xx}'),
    cause: 'VirtualService team-2/service-4',
    proxies: everyGenerated,
    requests: [
      'team-0/service-0, team-0/service-1, team-2/service-4, team-2/service-5: GET http://service-4.team-2/api/: attempts 1 -> 6',
      'team-0/service-0, team-0/service-1, team-2/service-4, team-2/service-5: GET http://service-4.team-2/api/x: attempts 1 -> 6',
    ],
  },
  {
    name: 'a VirtualService is for its namespace only, and nobody else may call it',
    before: generated,
    after: edit(generated, 'service-1.yaml', '  hosts:', '  exportTo: ["."]\n  hosts:'),
    cause: 'VirtualService team-0/service-1',
    proxies: ['team-1/service-2-0', 'team-1/service-3-0', 'team-2/service-4-0', 'team-2/service-5-0'],
    requests: [],
  },
  {
    name: 'a Service is for its namespace only, while its route is for all',
    before: generated,
    after: edit(
      generated,
      'service-4.yaml',
      'name: service-4, namespace: team-2}',
      'name: service-4, namespace: team-2, annotations: {networking.istio.io/exportTo: "."}}',
    ),
    cause: 'Service team-2/service-4',
    proxies: ['team-0/service-0-0', 'team-0/service-1-0', 'team-1/service-2-0', 'team-1/service-3-0'],
    requests: [
      'team-0/service-0, team-0/service-1: GET http://service-4.team-2/: status 403 -> 503; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1: GET http://service-4.team-2/other: status 403 -> 503; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1: GET http://service-4.team-2/api/: status 200 -> 503',
      'team-0/service-0, team-0/service-1: GET http://service-4.team-2/api/x: status 200 -> 503',
      'team-1/service-2, team-1/service-3: GET http://service-4.team-2/: status 403 -> 503; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-4.team-2/other: status 403 -> 503; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-4.team-2/api/: status 403 -> 503; policy no policy allows it -> none',
      'team-1/service-2, team-1/service-3: GET http://service-4.team-2/api/x: status 403 -> 503; policy no policy allows it -> none',
      'team-0/service-0, team-0/service-1: GET http://10.96.244.207/: cluster outbound|80||service-4.team-2.svc.cluster.local -> PassthroughCluster',
      'team-0/service-0, team-0/service-1: GET http://10.96.244.207/api/: status 200 -> 403; policy none -> no policy allows it',
      'team-1/service-2, team-1/service-3: GET http://10.96.244.207/: cluster outbound|80||service-4.team-2.svc.cluster.local -> PassthroughCluster',
    ],
  },
  {
    name: 'a DestinationRule limits connections',
    before: generated,
    after: {
      ...generated,
      ...added(
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: s0, namespace: team-0}\nspec: {host: service-0, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}',
      ),
    },
    cause: 'DestinationRule team-0/s0',
    proxies: everyGenerated,
    requests: [],
  },
  {
    name: 'a route mirrors its requests',
    before: generated,
    after: edit(generated, 'service-0.yaml', 'timeout: 5s', 'timeout: 5s\n    mirror: {host: service-1}'),
    cause: 'VirtualService team-0/service-0',
    proxies: everyGenerated,
    requests: [
      'team-0/service-0, team-0/service-1: GET http://service-0.team-0/api/: mirrors none -> team-0/service-1-0',
      'team-0/service-0, team-0/service-1: GET http://service-0.team-0/api/x: mirrors none -> team-0/service-1-0',
    ],
  },
];

const everyone = [
  'default/details-v1, default/productpage-v1, default/ratings-v1, default/reviews-v1, default/reviews-v2, default/reviews-v3: ',
  'admin/console, default/httpbin, default/sleep, default/web-api-v1, default/web-api-v2, foo/reviews-v1: ',
  'team-0/service-0, team-0/service-1, team-1/service-2, team-1/service-3, team-2/service-4, team-2/service-5: ',
];

function short(request: string): string {
  const from = everyone.find((names) => request.startsWith(names));
  const named = from === undefined ? request : `all: ${request.slice(from.length)}`;
  return named.replace(/^outside through [^:]*: /, 'outside: ');
}

describe('an edit of meaning shows exactly what it changes', () => {
  for (const { name, before, after, cause, proxies, requests } of edits) {
    test(name, async () => {
      const seen = await diffOf(before, after);
      expect(seen.exitCode).toBe(1);
      expect(seen.causes).toEqual([cause]);
      expect(seen.proxies).toEqual(proxies);
      expect(seen.requests.map(short)).toEqual(requests);
    });
  }
});
