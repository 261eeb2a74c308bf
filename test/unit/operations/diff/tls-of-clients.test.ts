import { describe, expect, test } from 'vitest';
import { clientAndWeb } from '../../../support/client-and-web.ts';
import { diffOf, type Files } from '../../../support/diff.ts';

const PLAIN = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: plain, namespace: shop}
spec: {host: web, trafficPolicy: {tls: {mode: DISABLE}}}
---
`;
const STRICT = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
`;
const TERMINATING = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: web, namespace: shop}
spec:
  workloadSelector: {labels: {app: web}}
  ingress:
  - {port: {number: 8443, name: https, protocol: HTTPS}, defaultEndpoint: 127.0.0.1:8080, tls: {mode: SIMPLE, serverCertificate: /etc/cert.pem, privateKey: /etc/key.pem}}
---
${STRICT.replace('mtls: {mode: STRICT}', 'selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8443: {mode: DISABLE}}')}`;
const PASSTHROUGH = `apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: shop, labels: {istio: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.244.0.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {istio: edge}, servers: [{port: {number: 5432, name: tcp, protocol: TCP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec: {hosts: ["*"], gateways: [edge], tcp: [{route: [{destination: {host: web, port: {number: 5432}}}]}]}
---
`;

const policyOf = (rules: string, action = 'DENY'): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: ${action}, rules: ${rules}}
`;
const forName = (name: string): string => policyOf(`[{when: [{key: connection.sni, values: [${name}]}]}]`);
const filesOf = (policy: string, others = '', ports: Readonly<Record<string, number>> = { tcp: 5432 }): Files => ({
  'm.yaml': `${clientAndWeb(ports)}${others}${policy}`,
});
const withoutClient = (files: Files): Files => ({
  'm.yaml': (files['m.yaml'] ?? '').replace('labels: {app: client}', 'labels: {app: client, sidecar.istio.io/inject: "false"}'),
});

/** The exit status of `--equal`, and which connections end otherwise, by client and place. */
async function equal(
  before: Files,
  after: Files,
  flags: readonly string[] = [],
): Promise<{ readonly exitCode: number; readonly requests: readonly string[] }> {
  const { exitCode, requests } = await diffOf(before, after, ['--equal', ...flags]);
  return { exitCode, requests: [...new Set(requests.map((one) => one.replace(/: (?:policy|status).*/, '')))] };
}

const FROM_ANYWHERE = 'a pod without sidecar: CONNECT tls://web-0.shop:5432';

describe('names that clients ask for with TLS of their own, where filter chains ask for none and policies of servers do', () => {
  test('are told apart of sidecars that add no TLS, and of pods without a sidecar', async () => {
    const [before, after] = [filesOf(forName('a.example'), PLAIN), filesOf(forName('b.example'), PLAIN)];
    expect(await equal(before, after)).toEqual({
      exitCode: 1,
      requests: [
        'shop/client-0, shop/web-0: CONNECT tls://a.example:5432',
        'shop/client-0, shop/web-0: CONNECT tls://b.example:5432',
        FROM_ANYWHERE,
      ],
    });
  });

  test('are told apart of pods without a sidecar where sidecars put their own name in place of them', async () => {
    const files = [forName('a.example'), forName('b.example')].map((policy) => filesOf(policy));
    expect(await equal(files[0] ?? {}, files[1] ?? {})).toEqual({ exitCode: 1, requests: [FROM_ANYWHERE] });
  });

  test('are told apart behind a gateway that passes bytes on', async () => {
    const others = PASSTHROUGH + PLAIN;
    const { exitCode, requests } = await equal(filesOf(forName('a.example'), others), filesOf(forName('b.example'), others));
    expect(exitCode).toBe(1);
    expect(requests).toContain('outside through shop/edge-0: CONNECT tls://web.shop:5432');
  });

  test('are not where servers take the TLS of the mesh alone, which has a name of its own', async () => {
    const [before, after] = [filesOf(forName('a.example'), STRICT), filesOf(forName('b.example'), STRICT)];
    expect(await equal(before, after)).toEqual({ exitCode: 0, requests: [] });
    const own = filesOf(forName('outbound_.5432_._.web.shop.svc.cluster.local'), STRICT);
    expect((await equal(before, own)).exitCode).toBe(1);
  });

  test('are not where the same is written otherwise', async () => {
    const one = filesOf(policyOf('[{when: [{key: connection.sni, values: [a.example, b.example]}]}]', 'ALLOW'), PLAIN);
    const other = filesOf(
      policyOf(
        '[{when: [{key: connection.sni, values: [b.example]}]}, {when: [{key: connection.sni, values: [a.example]}]}]',
        'ALLOW',
      ),
      PLAIN,
    );
    expect(await equal(one, other)).toEqual({ exitCode: 0, requests: [] });
  });
});

describe('what pods without a sidecar send beside HTTP', () => {
  test('is told apart where all HTTP ends as before', async () => {
    const of = (rules: string): Files => ({
      'm.yaml': (filesOf(policyOf(rules, 'ALLOW'), '', { any: 9000 })['m.yaml'] ?? '').replace(
        'selector: {app: web}, clusterIP',
        'selector: {app: other}, clusterIP',
      ),
    });
    const { exitCode, requests } = await equal(of('[{to: [{operation: {methods: ["*"]}}]}]'), of('[{}]'));
    expect(exitCode).toBe(1);
    expect(requests).toEqual(
      expect.arrayContaining([
        'a pod without sidecar: CONNECT tcp://web-0.shop:9000',
        'a pod without sidecar: GET https://web-0.shop:9000/',
      ]),
    );
  });

  test('goes on as HTTP behind TLS that the proxy of a server ends', async () => {
    const flags = ['--istiod-env', 'ENABLE_TLS_ON_SIDECAR_INGRESS=true'];
    const of = (...paths: readonly string[]): Files =>
      withoutClient(filesOf(policyOf(`[{to: [{operation: {paths: [${paths.join(', ')}]}}]}]`), TERMINATING, { https: 8443 }));
    expect(await equal(of('/a'), of('/b'), flags)).toEqual({
      exitCode: 1,
      requests: ['shop/web-0: GET https://web.shop:8443', 'a pod without sidecar: GET https://web-0.shop:8443'].flatMap((place) =>
        ['/a', '/b'].map((path) => `${place}${path}`),
      ),
    });
    expect(await equal(of('/a', '/b'), of('/b', '/a'), flags)).toEqual({ exitCode: 0, requests: [] });
  });
});
