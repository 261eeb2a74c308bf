import type { LuaConfig, TrafficSelector, VmConfig } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { isObject } from '../util/object.ts';
import { type ParsedUrl, parseRequestUri, parseUrl } from '../util/url.ts';
import { error, errorIf, type Findings, quote } from './finding.ts';
import { checkAttachment } from './references.ts';

/** A WasmPlugin; istio pkg/config/validation/validation.go ValidateWasmPlugin. */
export function* checkWasmPlugin({ spec }: ResourceOf<'WasmPlugin'>): Findings {
  yield* checkAttachment(spec);
  yield* checkModule(['spec'], spec, 255);
  yield* checkMatches(spec.match);
}

/** A TrafficExtension; istio pkg/config/validation/validation.go ValidateTrafficExtension. */
export function* checkTrafficExtension({ spec, document }: ResourceOf<'TrafficExtension'>): Findings {
  if ((spec.wasm === undefined) === (spec.lua === undefined) || hasBoth(document.value))
    yield error(['spec'], 'exactly one of wasm or lua must be set');
  yield* checkAttachment(spec);
  if (spec.lua !== undefined) yield* checkLua(['spec', 'lua'], spec.lua);
  if (spec.wasm !== undefined) yield* checkModule(['spec', 'wasm'], spec.wasm, 256);
  yield* checkMatches(spec.match);
}

/** Whether both are written; decoding keeps the last one. */
function hasBoth(value: unknown): boolean {
  const spec = isObject(value) ? value.spec : undefined;
  return isObject(spec) && isObject(spec.wasm) && isObject(spec.lua);
}

const MAX_CODE = 65536;

function* checkLua(path: Path, { inlineCode = '' }: LuaConfig): Findings {
  if (inlineCode === '') yield error([...path, 'inlineCode'], 'lua.inlineCode cannot be empty');
  else if (byteLength(inlineCode) > MAX_CODE) yield error([...path, 'inlineCode'], 'lua.inlineCode exceeds maximum size of 64KB');
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What WasmPlugin and the Wasm of a TrafficExtension have in common. */
interface WasmModule {
  readonly url?: string;
  readonly sha256?: string;
  readonly imagePullSecret?: string;
  readonly pluginName?: string;
  readonly vmConfig?: VmConfig;
}

/** `nameLimit` is the limit of plugin names that Istio's message tells; 256 is what it goes by. */
function* checkModule(path: Path, module: WasmModule, nameLimit: number): Findings {
  const { url = '', sha256 = '', imagePullSecret = '', pluginName = '', vmConfig } = module;
  yield* errorIf([...path, 'url'], urlProblem(url));
  if (sha256 !== '' && sha256.length !== 64) yield error([...path, 'sha256'], 'sha256 field must be 64 characters long');
  else if (!/^[a-f0-9]*$/.test(sha256)) yield error([...path, 'sha256'], 'sha256 field must match [a-f0-9]{64} pattern');
  if (byteLength(imagePullSecret) > 253)
    yield error([...path, 'imagePullSecret'], 'imagePullSecret field must be less than 253 characters long');
  if (byteLength(pluginName) > 256)
    yield error([...path, 'pluginName'], `pluginName field must be less than ${nameLimit} characters long`);
  if (vmConfig !== undefined) yield* checkEnvironment([...path, 'vmConfig', 'env'], vmConfig);
}

/** The first variable that is wrong; Istio looks no further. */
function* checkEnvironment(path: Path, { env = [] }: VmConfig): Findings {
  const names = new Set<string>();
  for (const [index, { name = '', valueFrom = 'INLINE', value = '' }] of env.entries()) {
    const problem =
      name === ''
        ? 'spec.vmConfig.env invalid'
        : byteLength(name) > 256
          ? 'env.name field must be less than 255 characters long'
          : names.has(name)
            ? 'duplicate env'
            : valueFrom !== 'INLINE' && value !== ''
              ? 'value may only be set when valueFrom is INLINE'
              : undefined;
    names.add(name);
    if (problem === undefined) continue;
    yield error([...path, index], problem);
    return;
  }
}

const schemes = ['', 'file', 'http', 'https', 'oci'];

/** What is wrong with the place of a module: a URL, or one without its scheme. Istio validateWasmPluginURL. */
function urlProblem(url: string): string | undefined {
  if (url === '') return 'url field needs to be set';
  const parsed = parseStrictly(url) ?? (parseRequestUri(url) === undefined ? parseStrictly(`http://${url}`) : undefined);
  if (parsed === undefined) return `failed to parse url: parse ${quote(url)}: invalid URI for request`;
  return schemes.includes(parsed.scheme) ? undefined : `url contains unsupported scheme: ${parsed.scheme}`;
}

/** A URL that can be both asked for and referred to. */
function parseStrictly(url: string): ParsedUrl | undefined {
  return parseUrl(url) === undefined ? undefined : parseRequestUri(url);
}

/** The first port of a match that is none. */
function* checkMatches(selectors: readonly TrafficSelector[] = []): Findings {
  for (const [index, { ports = [] }] of selectors.entries()) {
    for (const [ordinal, { number = 0 }] of ports.entries()) {
      if (number > 0 && number <= 65535) continue;
      yield error(
        ['spec', 'match', index, 'ports', ordinal, 'number'],
        `spec.Match[${index}].Ports[${ordinal}] is out of range: ${number}`,
      );
      return;
    }
  }
}
