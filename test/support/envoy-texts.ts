import { celProblem } from '../../src/envoy/cel-functions.ts';
import { formatProblem } from '../../src/envoy/format-string.ts';
import { jwksProblem } from '../../src/envoy/jwks.ts';
import { luaSyntaxProblem } from '../../src/util/lua-syntax.ts';

/** A language that Envoy reads, with texts that it takes and texts that it refuses. */
export interface Language {
  readonly name: string;
  readonly isRefused: (text: string) => boolean;
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  /** A filter or access log with the text. */
  readonly configuration: (text: string) => { readonly httpFilter?: object; readonly accessLog?: object };
}

const TYPE = 'type.googleapis.com/envoy.extensions';
const toFile = { '@type': `${TYPE}.access_loggers.file.v3.FileAccessLog`, path: '/dev/null' };
const bytes = (length: number): string => Buffer.alloc(length, 0x83).toString('base64url');
const keys = (...list: readonly object[]): string => JSON.stringify({ keys: list });
const rsa = { kty: 'RSA', n: bytes(256), e: 'AQAB' };
const ec = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};

export const languages: readonly Language[] = [
  {
    name: 'formats',
    isRefused: (text) => formatProblem(text, { extensions: [], expressionProblem: celProblem }) !== undefined,
    taken: [
      ...[
        'plain',
        '',
        '%%',
        '100%% %PROTOCOL%',
        '%REQ(X-REQUEST-ID)%',
        '%REQ(:METHOD)%',
        '%REQ(a?:b):10%',
        '%START_TIME(%Y/%m)%',
      ],
      ...[
        '%RESPONSE_CODE%',
        '%DYNAMIC_METADATA(a:b):3%',
        '%FILTER_STATE(a:PLAIN)%',
        '%FILTER_STATE(a:FIELD:b)%',
        '%PATH(NQ:ORIG)%',
      ],
      ...[
        '%GRPC_STATUS%',
        '%GRPC_STATUS(NUMBER)%',
        '%COMMON_DURATION(a:b:ms)%',
        '%METADATA(ROUTE:a)%',
        '%CEL(size(request.path))%',
      ],
      ...['%PROTOCOL()%', '%ENVIRONMENT(X)%', '%UPSTREAM_METADATA(["a", "b"])%', '%RESPONSE_CODE_DETAILS(X)%'],
    ],
    refused: [
      ...['%', '100%', 'a%b', '%%%', '%FOO%', '%req(x)%', '%REQ%', '%REQ()%', '%REQ(x', '%REQ(x)', '%REQ(x):y%', '%REQ(a b)%'],
      ...['%REQ(a?b?c)%', '%PROTOCOL(x)%', '%PROTOCOL:3%', '%START_TIME(x):3%', '%START_TIME(%n)%', '%FILTER_STATE(:PLAIN)%'],
      ...[
        '%FILTER_STATE(a:FOO)%',
        '%FILTER_STATE(a:FIELD)%',
        '%GRPC_STATUS(FOO)%',
        '%COMMON_DURATION(a)%',
        '%COMMON_DURATION(a:b:h)%',
      ],
      ...[
        '%PATH(FOO)%',
        '%PATH(WQ:FOO)%',
        '%QUERY_PARAMS(x)%',
        '%METADATA(FOO:x)%',
        '%CEL(now())%',
        '%REQ_WITHOUT_QUERY(:path)%',
      ],
    ],
    configuration: (text) => ({
      accessLog: { name: 'log', typedConfig: { ...toFile, logFormat: { textFormatSource: { inlineString: text } } } },
    }),
  },
  {
    name: 'CEL',
    isRefused: (text) => celProblem(text) !== undefined,
    taken: [
      ...['true', 'response.code >= 500', 'size(request.path) > 3', 'request.path.startsWith("/a")', 'startsWith("a", "b")'],
      ...[
        'has(request.headers.x)',
        '"x" in request.headers',
        'request.time.getHours("UTC") > 3',
        'int("1") == 1',
        'unknown.name == 1',
      ],
      ...['type(1) == int', 'duration("1s") < duration("2s")', '{"a": 1}["a"] == 1', '"a" + "b" == "ab"'],
    ],
    refused: [
      ...[
        '',
        'request.path ==',
        'foo(1)',
        'request.path.foo()',
        'size(1, 2)',
        'startsWith("a")',
        'string(1)',
        'getHours(request.time)',
      ],
      ...['[1].all(x, x > 0)', 'request.headers.exists(k, k == "a")', '"a".lowerAscii()', 'math.max(1, 2)', 'true || foo()'],
    ],
    configuration: (expression) => ({
      accessLog: {
        name: 'log',
        filter: {
          extensionFilter: {
            name: 'cel',
            typedConfig: { '@type': `${TYPE}.access_loggers.filters.cel.v3.ExpressionFilter`, expression },
          },
        },
        typedConfig: toFile,
      },
    }),
  },
  {
    name: 'Lua',
    isRefused: (text) => luaSyntaxProblem(text) !== undefined,
    taken: [
      ...[
        '',
        '-- nothing',
        'function envoy_on_request(h) h:headers():add("a", "b") end',
        'x = 1LL',
        'x = 0x1p4',
        'a = 1;; b = 2',
      ],
      ...['\uFEFFx = 1', 'é = 1', 'while true do break; x = 1 end', 'for i = 1, 2 do goto next; ::next:: end', 'x = [==[a]==]'],
      ...['x = "\\x41\\z  a"', 'local a, b = ...', 'return 1'],
    ],
    refused: [
      ...['function(', 'function f( end', 'if x then', 'x = 1 // 2', 'x = a & b', 'break', 'goto nowhere', 'x = "unfinished'],
      ...['--[[ open', 'function f() return ... end', 'local x <const> = 1', 'return return', '::a:: ::a::', 'x = "\\q"'],
    ],
    configuration: (inlineCode) => ({
      httpFilter: { name: 'lua', typedConfig: { '@type': `${TYPE}.filters.http.lua.v3.Lua`, inlineCode } },
    }),
  },
  {
    name: 'key sets',
    isRefused: (text) => jwksProblem(text) !== undefined,
    taken: [
      ...[keys(rsa), keys(ec), keys({ kty: 'oct', k: 'AAAA' }), keys({ kty: 'OKP', crv: 'Ed25519', x: bytes(32) })],
      ...[
        keys({ kty: 'X' }, rsa),
        keys({ ...rsa, alg: 'PS256' }),
        keys({ ...rsa, n: `${rsa.n}==` }),
        keys({ ...rsa, use: 'enc' }),
      ],
    ],
    refused: [
      ...['x', '{}', '[]', '{"keys": []}', '{"keys": {}}', '{"keys": [1]}', JSON.stringify(rsa), `${keys(rsa)}x`],
      ...[
        keys({ kty: 'X' }),
        keys({ n: 'x' }),
        keys({ kty: 'RSA', n: rsa.n }),
        keys({ ...rsa, e: '!!' }),
        keys({ ...rsa, n: bytes(16) }),
      ],
      ...[keys({ ...rsa, alg: 'ES256' }), keys({ ...ec, crv: 'P-1' }), keys({ ...ec, x: 'AAAA' }), keys({ ...ec, alg: 'RS256' })],
      ...[
        keys({ kty: 'oct' }),
        keys({ kty: 'OKP', crv: 'Ed25519', x: bytes(31) }),
        keys({ kty: 'OKP', crv: 'X25519', x: bytes(32) }),
      ],
    ],
    configuration: (inlineString) => ({
      httpFilter: {
        name: 'jwt',
        typedConfig: {
          '@type': `${TYPE}.filters.http.jwt_authn.v3.JwtAuthentication`,
          providers: { shop: { issuer: 'shop', localJwks: { inlineString } } },
          rules: [{ match: { prefix: '/' }, requires: { providerName: 'shop' } }],
        },
      },
    }),
  },
];

/** A bootstrap of one listener with a filter or an access log. */
export function bootstrapWith({ httpFilter, accessLog }: { readonly httpFilter?: object; readonly accessLog?: object }): object {
  const router = { name: 'router', typedConfig: { '@type': `${TYPE}.filters.http.router.v3.Router` } };
  const manager = {
    '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: 'test',
    accessLog: accessLog === undefined ? [] : [accessLog],
    httpFilters: [...(httpFilter === undefined ? [] : [httpFilter]), router],
    routeConfig: {},
  };
  const address = { socketAddress: { address: '127.0.0.1', portValue: 0 } };
  const filterChains = [{ filters: [{ name: 'manager', typedConfig: manager }] }];
  return { staticResources: { listeners: [{ name: 'test', address, filterChains }] } };
}
