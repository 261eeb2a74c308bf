import { Command } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions } from '../options.ts';

/** `mesh authz check`. */
export function authzCommand({ io, finish }: CommandContext): Command {
  const check = new Command('check')
    .description('the AuthorizationPolicies in effect at a proxy, as istioctl experimental authz check prints them')
    .argument('[pod]', 'pod, pod.namespace, namespace/pod, deployment/name; without it, --file names a dump of a running Envoy');
  addInputOptions(check).action(async (pod: string | undefined, options: InputOptions) => {
    const { authzCheck } = await import('../actions/authz.ts');
    finish(await authzCheck(pod, options, io));
  });
  return new Command('authz').description('look at authorization policies').addCommand(check);
}
