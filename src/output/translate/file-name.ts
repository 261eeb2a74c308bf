import { createHash } from 'node:crypto';

/** What tells a proxy from others. */
export interface ProxyName {
  /** Where there are several clusters. */
  readonly cluster?: string;
  readonly namespace: string;
  readonly name: string;
}

/** Endings of the files that hold proxies. */
export const PROXY_FILE_EXTENSIONS = ['json', 'yaml'] as const;

/** The longest name that file systems take. Letters outside of ASCII do not occur. */
const LONGEST = 255;
/** 80 bits: nobody finds two names that share them. */
const DIGEST_LENGTH = 20;

const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const POD = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
/** Of clusters, users make up the names; capitals and underscores are usual. */
const CLUSTER = /^[A-Za-z0-9][-\w]*$/;
const WITH_DIGEST = /^[a-z0-9][-.a-z0-9]*_[0-9a-f]{20}$/;

/**
 * The name of the file of a proxy: `namespace.pod.json`, with the cluster before it where there are several.
 *
 * Since neither namespaces nor clusters have a dot, the first dots tell the parts apart and no two proxies meet in one name. Whatever
 * cannot be written so (a dot too many, a character that no object may have in its name, more than a file system takes) becomes what
 * can be read of it and a digest, `namespace.pod_<digest>.json`; the underscore is in no name of a pod. So a name depends on no other proxy.
 */
export function proxyFileName({ cluster, namespace, name }: ProxyName, extension: string): string {
  const plain = [...(cluster === undefined ? [] : [cluster]), namespace, name].join('.');
  const isPlain = (cluster === undefined || CLUSTER.test(cluster)) && NAMESPACE.test(namespace) && POD.test(name);
  const end = `.${extension}`;
  if (isPlain && plain.length + end.length <= LONGEST) return plain + end;
  const digest = createHash('sha256')
    .update(JSON.stringify([cluster ?? null, namespace, name]))
    .digest('hex');
  const tail = `_${digest.slice(0, DIGEST_LENGTH)}${end}`;
  return `${readable(plain).slice(0, LONGEST - tail.length)}${tail}`;
}

/** Whether a file may be one of those that `proxyFileName` names. */
export function isProxyFileName(file: string): boolean {
  const end = PROXY_FILE_EXTENSIONS.map((extension) => `.${extension}`).find((one) => file.endsWith(one));
  if (end === undefined || file.length > LONGEST) return false;
  const stem = file.slice(0, -end.length);
  if (WITH_DIGEST.test(stem)) return true;
  const [first = '', second = '', ...rest] = stem.split('.');
  const isOfOneCluster = NAMESPACE.test(first) && POD.test([second, ...rest].join('.'));
  return isOfOneCluster || (CLUSTER.test(first) && NAMESPACE.test(second) && POD.test(rest.join('.')));
}

/** The text in small letters, digits, dashes and dots, beginning with a letter or digit. */
function readable(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/\.{2,}/g, '.');
  return plain.replace(/^[-.]+/, '') || 'proxy';
}
