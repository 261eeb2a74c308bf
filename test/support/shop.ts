/** A small mesh with a client, a server, a gateway and policies, where any text may stand in the fields that take any. */
export function shopWith(text: string, extra: readonly object[] = []): string {
  const value = `/${text}`;
  const meta = (name: string, more: object = {}) => ({ name, namespace: 'shop', ...more });
  const pod = (name: string, app: string, annotations: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, { labels: { app }, annotations: { note: text, ...annotations } }),
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] },
    status: { podIP: { cli: '10.244.0.1', web: '10.244.0.2', edge: '10.244.0.3' }[app] },
  });
  const service = (name: string, port: object, ip: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(name),
    spec: { clusterIP: ip, selector: { app: name }, ports: [port] },
  });
  const documents = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } } },
    pod('cli-0', 'cli'),
    pod('web-0', 'web'),
    pod('edge-0', 'edge', { 'inject.istio.io/templates': 'gateway' }),
    service('web', { name: 'http', port: 80, targetPort: 8080 }, '10.96.0.10'),
    service('edge', { name: 'https', port: 443, targetPort: 8443 }, '10.96.0.11'),
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: meta('edge'),
      spec: {
        selector: { app: 'edge' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['web.example'],
            tls: { mode: 'SIMPLE', credentialName: 'edge-cert' },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: meta('web', { annotations: { note: text } }),
      spec: {
        hosts: ['web', 'web.example'],
        gateways: ['mesh', 'edge'],
        http: [
          {
            name: text,
            match: [{ uri: { exact: value }, headers: { 'x-kind': { exact: text } } }],
            rewrite: { uri: value },
            route: [{ destination: { host: 'web', port: { number: 80 } } }],
          },
          { match: [{ uri: { exact: value } }], directResponse: { status: 200, body: { string: text } } },
          { match: [{ uri: { exact: value } }], route: [{ destination: { host: 'web', port: { number: 81 } } }] },
          { route: [{ destination: { host: 'web', port: { number: 80 } } }] },
        ],
      },
    },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'RequestAuthentication',
      metadata: meta('web'),
      spec: { selector: { matchLabels: { app: 'web' } }, jwtRules: [{ issuer: text, jwks: '{"keys":[]}' }] },
    },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: meta('web'),
      spec: {
        selector: { matchLabels: { app: 'web' } },
        action: 'DENY',
        rules: [{ from: [{ source: { principals: [text] } }], to: [{ operation: { methods: [text], hosts: [text] } }] }],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: meta('lua'),
      spec: {
        configPatches: [
          {
            applyTo: 'HTTP_FILTER',
            match: {
              context: 'ANY',
              listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
            },
            patch: {
              operation: 'INSERT_BEFORE',
              value: {
                name: text,
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
                  default_source_code: { inline_string: `-- ${text}\n${text}\n\n` },
                },
              },
            },
          },
        ],
      },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('notes'), data: { notes: text } },
    ...extra,
  ];
  return documents.map((document) => `${withEscapes(document)}\n`).join('---\n');
}

/** JSON in ASCII: YAML takes no control characters that are not escaped. */
function withEscapes(value: object): string {
  return JSON.stringify(value).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A request table in which any text may stand. */
export function tableWith(text: string): string {
  const requests = [
    { name: text, from: 'shop/cli-0', url: 'http://web/', headers: { 'x-kind': text }, expect: { status: 201, route: text } },
    { from: 'shop/cli-0', url: 'http://web/', path: `/${text}`, expect: { status: 200 } },
  ];
  return withEscapes({ servers: 'unknown', requests });
}

/** Statements about the shop, which do not hold, with a text wherever there can be one. */
export function statementsWith(text: string): string {
  const statements = [
    { name: text, never: { from: { workloads: ['shop/cli-0'] }, to: { services: ['shop/web'], paths: [`/${text}`] } } },
    { name: `only ${text}`, only: { from: 'outside', to: { services: ['shop/web'] } } },
    { name: `always ${text}`, always: { token: { issuer: text, claims: { [text]: text } }, to: { namespaces: ['shop'] } } },
  ];
  return withEscapes({ statements });
}
