import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import { type AuthorizationFormat, authorizationFormats } from '../../output/authz/formats.ts';
import { formatNames } from '../../output/format-table.ts';
import type { CommandContext } from '../context.ts';
import { addInputOptions, CLUSTERS } from '../options.ts';

/** Flags of `mesh authz check`. */
export interface AuthorizationOptions extends InputOptions {
  readonly output: AuthorizationFormat;
}

/** `mesh authz check`. */
export function authzCommand({ io, finish }: CommandContext): Command {
  const check = new Command('check')
    .description('the AuthorizationPolicies in effect at a proxy, as istioctl experimental authz check prints them')
    .argument(
      '[pod]',
      'pod, pod.namespace, [cluster/]namespace/pod, deployment/name; without it, --file names a dump of a running Envoy',
    );
  addInputOptions(check, undefined, undefined, CLUSTERS).addOption(
    new Option('-o, --output <format>', 'how to print').choices(formatNames(authorizationFormats)).default('table'),
  );
  check.action(async (pod: string | undefined, options: AuthorizationOptions) => {
    const { authzCheck } = await import('../actions/authz.ts');
    finish(await authzCheck(pod, options, io));
  });
  return new Command('authz').description('look at authorization policies').addCommand(check);
}
