import { assertNever } from '../../util/assert.ts';
import { printedDump, printedJsonText } from '../escape/json.ts';
import { plain } from '../escape/plain.ts';
import { concatenated, type Printable, printed } from '../escape/printable.ts';
import { formatGoJson } from '../go-json.ts';
import { formatGoYaml } from '../go-yaml.ts';
import { selectsNamespace, selectsWorkload, type ZtunnelConfigChoice } from './choice.ts';
import type { ZtunnelConfigPrinter } from './formats.ts';
import { readZtunnelState } from './state.ts';
import { selectsPod, sortedPolicies, sortedServices } from './tables.ts';

/** The JSON of istioctl; a whole dump is printed as it is. */
export function ztunnelJson(...[{ value, text }, choice]: ZtunnelConfigPrinter): Printable {
  if (choice.part === 'all') return printedDump(`${text}\n`);
  return printedJsonText(`${formatGoJson(selected(value, choice))}\n`);
}

/** The YAML of istioctl, with an empty line after it. */
export function ztunnelYaml(...[{ value }, choice]: ZtunnelConfigPrinter): Printable {
  // Through JSON, which leaves out what has no value.
  const whole: unknown = JSON.parse(JSON.stringify(choice.part === 'all' ? value : selected(value, choice)));
  return concatenated([formatGoYaml(whole), printed(plain`\n`)]);
}

/** A part of a dump; workloads stay in the order of the dump. */
function selected(dump: unknown, { part, ...choice }: ZtunnelConfigChoice): unknown {
  const state = readZtunnelState(dump);
  switch (part) {
    case 'workload':
      return (state.workloads ?? []).filter(selectsWorkload(choice.workloads));
    case 'service':
      return sortedServices((state.services ?? []).filter(selectsNamespace(choice.serviceNamespace)));
    case 'policy':
      return sortedPolicies((state.policies ?? []).filter(selectsNamespace(choice.policyNamespace)));
    case 'certificate':
      return state.certificates;
    case 'connections':
      return state.pods.filter(selectsPod(choice.workloads));
    case 'all':
      return dump;
    default:
      return assertNever(part);
  }
}
