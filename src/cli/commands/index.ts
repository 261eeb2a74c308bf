import type { CommandFactory } from '../context.ts';
import { analyzeCommand } from './analyze.ts';
import { authzCommand } from './authz.ts';
import { completionCommand } from './completion.ts';
import { describeCommand } from './describe.ts';
import { diffCommand } from './diff.ts';
import { driftCommand } from './drift.ts';
import { explainCommand } from './explain.ts';
import { graphCommand } from './graph.ts';
import { proveCommand } from './prove.ts';
import { proxyConfigCommand } from './proxy-config.ts';
import { recommendCommand } from './recommend.ts';
import { testCommand } from './test.ts';
import { traceCommand } from './trace.ts';
import { translateCommand } from './translate.ts';
import { upgradeCheckCommand } from './upgrade-check.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';
import { waypointCommand } from './waypoint.ts';
import { ztunnelConfigCommand } from './ztunnel-config.ts';

/** All commands by their names, in the order of the help. */
export const commandFactories: ReadonlyMap<string, CommandFactory> = new Map([
  ['translate', translateCommand],
  ['proxy-config', proxyConfigCommand],
  ['ztunnel-config', ztunnelConfigCommand],
  ['waypoint', waypointCommand],
  ['drift', driftCommand],
  ['describe', describeCommand],
  ['authz', authzCommand],
  ['analyze', analyzeCommand],
  ['explain', explainCommand],
  ['validate', validateCommand],
  ['trace', traceCommand],
  ['test', testCommand],
  ['prove', proveCommand],
  ['diff', diffCommand],
  ['upgrade-check', upgradeCheckCommand],
  ['graph', graphCommand],
  ['recommend', recommendCommand],
  ['completion', completionCommand],
  ['version', versionCommand],
]);
