import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { findEnvoy } from '../envoy.ts';
import { canMakeNamespaces } from './namespaces.ts';

/** What is missing to run proxies as real Envoys in network namespaces. */
export function lackingForLiveProxies(): string | undefined {
  if (findEnvoy() === undefined) return 'an Envoy (npm run envoy)';
  if (process.getuid?.() !== 0) return 'root, for network namespaces';
  const command = ['iptables-restore', 'ip', 'sysctl', 'openssl'].find((name) => spawnSync('which', [name]).status !== 0);
  if (command !== undefined) return `the command ${command}`;
  return canMakeNamespaces() ? undefined : 'the right to make network namespaces and redirect connections in them';
}
