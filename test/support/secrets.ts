import { expect } from 'vitest';

/** Words that stand in secrets only: as they are, in base64, in the body of a private key. */
export interface HiddenWords {
  /** A new word, which must never be seen. */
  word(): string;
  /** A private key in PEM with a new word in its body. */
  pem(label?: string): string;
  /** All of them, in each spelling. */
  all(): readonly string[];
}

/** Words for one side of a comparison; those of different sides differ. */
export function createHiddenWords(side: string): HiddenWords {
  const words: string[] = [];
  const word = (): string => {
    const next = `hush${side}Word${String(words.length).padStart(3, '0')}Xq`;
    words.push(next);
    return next;
  };
  return {
    word,
    pem: (label = 'RSA PRIVATE KEY') => `-----BEGIN ${label}-----\n${word()}AAAA\nBBBB${word()}\n-----END ${label}-----\n`,
    all: () => words.flatMap((each) => [each, ...[0, 1, 2].map((shift) => btoa(`${'x'.repeat(shift)}${each}`).slice(4, -4))]),
  };
}

/** Documents with secrets in every place that they have been seen in. */
export function documentsWithSecrets({ word, pem }: HiddenWords): readonly object[] {
  const meta = (name: string, more: object = {}) => ({ name, namespace: 'shop', ...more });
  const secret = (name: string, body: object, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: meta(name, more),
    ...body,
  });
  const applied = JSON.stringify(secret('applied', { data: { password: btoa(word()) }, stringData: { token: word() } }));
  const tlsContext = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    common_tls_context: {
      tls_certificates: [
        { certificate_chain: { inline_string: 'none' }, private_key: { inline_string: pem() } },
        { certificate_chain: { inline_string: 'none' }, private_key: { inline_bytes: btoa(pem('EC PRIVATE KEY')) } },
        {
          certificate_chain: { inline_string: 'none' },
          private_key: { inline_bytes: btoa(`Bag Attributes\n${pem('PRIVATE KEY')}`) },
        },
      ],
    },
  };
  return [
    secret('edge-cert', {
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': btoa(word()), 'tls.key': btoa(pem()), 'ca.crt': btoa(word()) },
    }),
    secret('plain', { stringData: { password: word(), multi: `one ${word()}\ntwo ${word()}\n`, 'tls.key': pem('PRIVATE KEY') } }),
    secret(
      'applied',
      {},
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied, 'other.tool/original': applied } },
    ),
    secret('astray', { stringdata: { password: word() }, value: word(), list: [word()] }),
    { apiVersion: 'v1', kind: 'List', items: [secret('listed', { data: { password: btoa(word()) } })] },
    { apiVersion: 'v1', kind: 'SecretList', items: [{ metadata: meta('typed'), data: { password: btoa(word()) } }] },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('keys'),
      data: { 'tls.key': pem(), 'app.yaml': `key: |\n  ${pem().replaceAll('\n', '\n  ')}` },
    },
    {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: meta('keys'),
      spec: {
        configPatches: [
          {
            applyTo: 'CLUSTER',
            match: { context: 'ANY' },
            patch: {
              operation: 'ADD',
              value: {
                name: 'upstream',
                type: 'STATIC',
                connect_timeout: '1s',
                transport_socket: { name: 'tls', typed_config: tlsContext },
                metadata: {
                  filter_metadata: { note: { key: pem('OPENSSH PRIVATE KEY'), cut: pem().slice(0, 70), [pem()]: 'x' } },
                },
              },
            },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: meta('keys'),
      spec: {
        hosts: ['keys.example'],
        http: [
          {
            name: pem('PRIVATE KEY'),
            match: [{ headers: { 'x-key': { exact: pem() } } }],
            route: [{ destination: { host: 'web' } }],
          },
          { route: [{ destination: { host: pem() } }] },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio', namespace: 'istio-system' },
      data: { mesh: JSON.stringify({ caCertificates: [{ pem: pem() }], defaultConfig: { proxyMetadata: { KEY: pem() } } }) },
    },
  ];
}

/** Secrets with mistakes in them, of which something is told. */
export function secretsWithMistakes({ word, pem }: HiddenWords): readonly string[] {
  const head = 'apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\n';
  return [
    `${head}data: ${word()}\n`,
    `${head}data: [${word()}]\n`,
    `${head}data: {password: {inner: ${word()}}} # was ${word()}\n`,
    `${head}# the old one was ${word()}\nstringData:\n  password: 4711\n  other: ${word()}\n`,
    `${head}type: [x]\nstringData: {password: ${word()}}\n`,
    `${head}stringData:\n  key: |\n${pem().replaceAll(/^/gm, '    ')}\n  password: [${word()}\n  other: ${word()}\n`,
    `${head}stringData:\n  password: *${word()}\n`,
    `${head}stringData:\n  password: !${word()} x\n`,
    `${head}stringData:\n  password: "\\q${word()}"\n`,
    `${head}stringData:\n  password: a\n  password: ${word()}\n`,
    `${head}stringData:\n  password: ${word()}\n ${word()}\n`,
    `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"y"},"stringData":{"password":"${word()}","other":"${word()}",,}}\n`,
    `{"apiVersion":"v1","Kind":"Secret","metadata":{"name":"y"},"stringData":{"password":"${word()}"}}\n`,
    `{"apiVersion":"v2","kind":"Secret","metadata":{"name":"y"},"stringData":{"password":"${word()}"}}\n`,
    `{"apiVersion":"v1","kind":"Secret","metadata":{"name":7},"stringData":{"password":"${word()}"}}\n`,
    `apiVersion: v1\nkind: List\nitems:\n- ${head.replaceAll('\n', '\n  ')}data: {password: 12, other: ${word()}}\n`,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z, namespace: shop}\ndata:\n  key: |\n${pem().replaceAll(/^/gm, '    ').replace('BBBB', ' BBBB')}   x: [\n`,
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: z, namespace: shop}\nspec: {hosts: 7, note: ${JSON.stringify(pem())}}\n`,
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: z, namespace: shop}\nspec: {hosts: [${JSON.stringify(pem())}], http: ${JSON.stringify(pem())}}\n`,
  ];
}

/** None of the words stands in a text. */
export function expectHidden(what: string, text: string, hidden: HiddenWords): void {
  for (const word of hidden.all()) {
    const index = text.indexOf(word);
    expect(index === -1 ? '' : text.slice(Math.max(0, index - 100), index + 60), what).toBe('');
  }
}
