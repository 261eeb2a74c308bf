import { dns1123Subdomain } from '../../resource/api-server/formats.ts';

/** The most characters that a name has; k8s.io/apimachinery pkg/util/validation IsDNS1123Subdomain. */
const LONGEST = 253;

/**
 * A name for a resource: `wanted`, a name or the value of a label that need not be one ("My_App"), in letters that Kubernetes takes, and
 * the first of the endings (`-callers`) with which it is free. Where none is, a number from 2 on follows the last ending.
 */
export function resourceNameFor(wanted: string, endings: readonly string[], isTaken: (name: string) => boolean): string {
  const named = (ending: string): string => `${asName(wanted, LONGEST - ending.length)}${ending}`;
  const free = endings.map(named).find((name) => !isTaken(name));
  if (free !== undefined) return free;
  for (let number = 2; ; number++) {
    const name = named(`${endings.at(-1) ?? ''}-${number}`);
    if (!isTaken(name)) return name;
  }
}

/** A name as it is where Kubernetes takes it. */
function asName(text: string, longest: number): string {
  if (text.length <= longest && dns1123Subdomain(text).length === 0) return text;
  const words = text
    .toLowerCase()
    .slice(0, longest)
    .split(/[^a-z0-9]/)
    .filter((word) => word !== '');
  return words.join('-') || 'workload';
}
