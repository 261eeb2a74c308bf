import type {
  FrontendTlsConfig,
  GatewayListener,
  GatewaySpec,
  ObjectReferenceWithNamespace,
  SecretObjectReference,
} from '../../api/gateway-api.ts';
import type { ServerTLSSettings, ServerTLSSettingsTLSmode } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { compact } from '../../util/object.ts';
import { filterCipherSuites } from '../security/cipher-suites.ts';
import { AUTHORITY_SUFFIX, configMapValues, keyPairProblem, rootProblem, secretValues } from './certificates.ts';
import type { GatewayApiContext } from './context.ts';

/** Why a listener does not work, and where that is written (below the listener). */
export interface ListenerProblem {
  readonly path: Path;
  readonly reason: string;
}

/** Listener option that chooses a TLS mode of Istio's own. */
const TERMINATE_MODE_OPTION = 'gateway.istio.io/tls-terminate-mode';
const CIPHER_SUITES_OPTION = 'gateway.istio.io/tls-cipher-suites';
const LISTENER_PROTOCOL_OPTION = 'gateway.istio.io/listener-protocol';

export interface ListenerTlsInput {
  /** The Gateway or ListenerSet that the listener stands in. */
  readonly source: Resource;
  readonly kind: 'Gateway' | 'ListenerSet';
  readonly gateway: ResourceOf<'KubernetesGateway'>;
  readonly listener: GatewayListener;
}

export interface DecodedTls {
  readonly settings: ServerTLSSettings | undefined;
  readonly problem: ListenerProblem | undefined;
}

/** The TLS settings of a listener, if it has any. As istio gateway/conversion.go buildTLS. */
export function convertListenerTls(context: GatewayApiContext, input: ListenerTlsInput): DecodedTls {
  const { source, listener } = input;
  const { tls } = listener;
  if (tls === undefined) return { settings: undefined, problem: undefined };
  const options = tls.options ?? {};
  if ((tls.mode ?? 'Terminate') === 'Passthrough') {
    const mode = isAutoPassthrough(source, listener) ? 'AUTO_PASSTHROUGH' : 'PASSTHROUGH';
    return { settings: { mode, ...cipherSuites(options) }, problem: undefined };
  }
  switch (options[TERMINATE_MODE_OPTION]) {
    case 'ISTIO_SIMPLE':
      return { settings: { mode: 'SIMPLE', credentialName: 'builtin://' }, problem: undefined };
    case 'ISTIO_MUTUAL':
      return { settings: { mode: 'ISTIO_MUTUAL' }, problem: undefined };
    default:
      return convertTermination(context, input, optionMode(options) ?? 'SIMPLE');
  }
}

function convertTermination(context: GatewayApiContext, input: ListenerTlsInput, mode: ServerTLSSettingsTLSmode): DecodedTls {
  const { gateway, listener } = input;
  const { certificateRefs = [], options = {} } = listener.tls ?? {};
  const fail = (path: ListenerProblem['path'], reason: string): DecodedTls => ({
    settings: { mode },
    problem: { path: ['tls', ...path], reason },
  });
  if (certificateRefs.length > 2) return fail(['certificateRefs'], 'no more than two certificates are supported');
  const certificates = certificateRefs.map((reference) => resolveCertificate(context, input, reference));
  const valid = certificates.filter(({ problem }) => problem === undefined);
  if (valid.length === 0) {
    const index = certificates.findIndex(({ problem }) => problem !== undefined);
    return index === -1
      ? { settings: { mode }, problem: undefined }
      : fail(['certificateRefs', index], certificates.map(({ problem }) => problem).join('; '));
  }
  // With one valid certificate istiod takes the first reference, valid or not.
  const names = certificates.map(({ name }) => name);
  const settings: ServerTLSSettings = {
    mode,
    ...(valid.length > 1 ? { credentialNames: names } : names[0] && { credentialName: names[0] }),
  };
  const validation = frontendTls(gateway.spec, listener.port)?.validation;
  const references = validation?.caCertificateRefs ?? [];
  const [reference] = references;
  if (reference === undefined) return { settings: { ...settings, ...cipherSuites(options) }, problem: undefined };
  if (references.length > 1)
    return fail([], 'spec.tls.frontend names more than one caCertificateRef, of which only one is supported');
  const authority = resolveAuthority(context, input, reference);
  if (authority.problem !== undefined) return fail([], authority.problem);
  const { readsInsecureFrontends, optionsOverFrontends } = context.behaviours;
  const ofOption = optionsOverFrontends ? optionMode(options) : undefined;
  const letsAllIn = readsInsecureFrontends && validation?.mode === 'AllowInsecureFallback' && ofOption === undefined;
  return {
    settings: {
      ...settings,
      mode: ofOption ?? (letsAllIn ? 'OPTIONAL_MUTUAL' : 'MUTUAL'),
      ...(letsAllIn && { insecureSkipVerify: true }),
      caCertCredentialName: authority.name,
      ...cipherSuites(options),
    },
    problem: undefined,
  };
}

function optionMode(options: Readonly<Record<string, string>>): 'MUTUAL' | 'OPTIONAL_MUTUAL' | undefined {
  const mode = options[TERMINATE_MODE_OPTION];
  return mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL' ? mode : undefined;
}

function cipherSuites(options: Readonly<Record<string, string>>): Partial<ServerTLSSettings> {
  const suites = filterCipherSuites((options[CIPHER_SUITES_OPTION] ?? '').split(',').map((suite) => suite.trim()));
  return compact({ cipherSuites: options[CIPHER_SUITES_OPTION] && suites.length > 0 ? suites : undefined });
}

/** Client validation of a port: its own, else the gateway's. As istio resolveGatewayTLS. */
function frontendTls({ tls }: GatewaySpec, port: number): FrontendTlsConfig | undefined {
  return tls?.frontend?.perPort?.find((setting) => setting.port === port)?.tls ?? tls?.frontend?.default;
}

// as istio serviceregistry/kube/conversion.go IsAutoPassthrough
function isAutoPassthrough({ labels }: Resource, { tls, port }: GatewayListener): boolean {
  if (tls?.options?.[LISTENER_PROTOCOL_OPTION] === 'auto-passthrough') return true;
  if (labels['topology.istio.io/network'] === undefined) return false;
  return String(port) === (labels['networking.istio.io/gatewayPort'] ?? '15443');
}

interface ResolvedReference {
  /** Name of the SDS secret; empty when there is a problem. */
  readonly name: string;
  readonly problem?: string;
}

/** The secret that a certificateRef names. As istio buildSecretReference. */
function resolveCertificate(
  context: GatewayApiContext,
  input: ListenerTlsInput,
  reference: SecretObjectReference,
): ResolvedReference {
  const { source, kind } = input;
  const { group = '', kind: refKind = 'Secret', namespace = source.namespace, name } = reference;
  const fail = (problem: string): ResolvedReference => ({ name: '', problem });
  if (group !== '' || refKind !== 'Secret') return fail(`certificateRef ${name} is not a Secret`);
  const secret = context.secret(namespace, name);
  if (secret === undefined) return fail(`Secret ${namespace}/${name} is not among the manifests`);
  const problem = keyPairProblem(secret.spec);
  if (problem !== undefined) return fail(`Secret ${namespace}/${name} cannot be used: ${problem}`);
  if (namespace !== source.namespace && !isGranted(context, source.namespace, kind, 'Secret', namespace, name)) {
    return fail(`no ReferenceGrant of namespace ${namespace} allows Secret ${name}`);
  }
  return { name: `kubernetes-gateway://${namespace}/${name}` };
}

/** The CA certificates that a caCertificateRef names. As istio buildCaCertificateReference. */
function resolveAuthority(
  context: GatewayApiContext,
  { source, kind }: ListenerTlsInput,
  reference: ObjectReferenceWithNamespace,
): ResolvedReference {
  const { group, kind: refKind, namespace = source.namespace, name } = reference;
  const fail = (problem: string): ResolvedReference => ({ name: '', problem });
  if (group !== '' || (refKind !== 'ConfigMap' && refKind !== 'Secret')) {
    return fail(`caCertificateRef ${name} is neither a ConfigMap nor a Secret`);
  }
  const configMap = refKind === 'ConfigMap' ? context.configMap(namespace, name) : undefined;
  const secret = refKind === 'Secret' ? context.secret(namespace, name) : undefined;
  const values = (configMap && configMapValues(configMap.spec)) ?? (secret && secretValues(secret.spec));
  if (values === undefined) return fail(`${refKind} ${namespace}/${name} is not among the manifests`);
  const problem = secret?.spec.isIssued ? undefined : rootProblem(values, true);
  if (problem !== undefined) return fail(`${refKind} ${namespace}/${name} cannot be used: ${problem}`);
  // the grant is looked up under the name of the secret that istiod derives, which ends in -cacert
  if (
    namespace !== source.namespace &&
    !isGranted(context, source.namespace, kind, refKind, namespace, `${name}${AUTHORITY_SUFFIX}`)
  ) {
    return fail(`no ReferenceGrant of namespace ${namespace} allows ${refKind} ${name}`);
  }
  return { name: `${refKind === 'ConfigMap' ? 'configmap' : 'kubernetes-gateway'}://${namespace}/${name}${AUTHORITY_SUFFIX}` };
}

function isGranted(
  context: GatewayApiContext,
  fromNamespace: string,
  fromKind: string,
  kind: string,
  namespace: string,
  name: string,
): boolean {
  return context.grants.allows({ kind: fromKind, namespace: fromNamespace }, { group: '', kind, namespace, name });
}
