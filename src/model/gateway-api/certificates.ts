import type { ConfigMapObject, SecretObject } from '../../api/kubernetes.ts';
import { cryptography } from '../../util/crypto.ts';
import { pemBlocks } from '../../util/pem.ts';
import { revealText } from '../../util/sealed.ts';

/** What a Secret of clients' authorities is called beside the one of a certificate; istio security.SdsCaSuffix. */
export const AUTHORITY_SUFFIX = '-cacert';

/**
 * Why a Secret holds no usable certificate and key; undefined when it does. As istio pilot/pkg/credentials/kube ExtractCertInfo
 * and Go's tls.X509KeyPair.
 */
export function keyPairProblem(secret: SecretObject): string | undefined {
  if (secret.isIssued) return undefined;
  const values = secretValues(secret);
  const isGeneric = Boolean(values.cert && values.key);
  const certificate = isGeneric ? values.cert : values['tls.crt'];
  const key = isGeneric ? values.key : values['tls.key'];
  if (!certificate || !key) return 'it has no values for the keys tls.crt and tls.key, or cert and key';
  try {
    const { createPrivateKey, X509Certificate } = cryptography();
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
      return 'its key does not belong to its certificate';
  } catch {
    return 'its certificate or key is malformed';
  }
  return undefined;
}

/** Why an object holds no usable CA certificates; undefined when it does. As ExtractRoot and x509.CertPool.AppendCertsFromPEM. */
export function rootProblem(values: Readonly<Record<string, string>>, parse: boolean): string | undefined {
  const roots = values.cacert || values['ca.crt'];
  if (!roots) return 'it has no value for the key ca.crt or cacert';
  return !parse || holdsCertificate(roots) ? undefined : 'its certificates are malformed';
}

/** The decoded values of a Secret, for checks; none of them may be printed. */
export function secretValues(secret: SecretObject): Readonly<Record<string, string>> {
  const { data = {}, stringData = {} } = secret;
  const decoded = Object.entries(data).map(([name, value]) => [name, Buffer.from(revealText(value), 'base64').toString('utf8')]);
  const plain = Object.entries(stringData).map(([name, value]) => [name, revealText(value)]);
  return Object.fromEntries([...decoded, ...plain]);
}

/** The values of a ConfigMap. */
export function configMapValues(configMap: ConfigMapObject): Readonly<Record<string, string>> {
  return configMap.data ?? {};
}

/** Whether at least one certificate of the bundle can be read; the others do not matter. */
function holdsCertificate(bundle: string): boolean {
  return pemBlocks(bundle).some(({ label, text }) => {
    if (label !== 'CERTIFICATE') return false;
    try {
      new (cryptography().X509Certificate)(text);
      return true;
    } catch {
      return false;
    }
  });
}
