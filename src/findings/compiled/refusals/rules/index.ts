import type { RefusalRule } from '../rule.ts';
import { listenerAddresses, logFiles, socketPaths } from './addresses.ts';
import { clusterTypes, dynamicClusters, maglevTables, outlierDetection, ringSizes } from './clusters.ts';
import { fileFormats, headerFormats, openTelemetryFormats, substitutionFormats } from './formats.ts';
import { localKeys } from './keys.ts';
import { accessLogConditions, luaScripts, luaScriptsOfRoutes } from './scripts.ts';
import { certificateChecks, serverNames, tlsParameters } from './tls.ts';
import { upgradesOfManager, upgradesOfRoute } from './upgrades.ts';

/** What Envoy demands in code of the messages that it is sent, beyond the limits of their schema. */
export const rules: readonly RefusalRule[] = [
  certificateChecks,
  clusterTypes,
  dynamicClusters,
  accessLogConditions,
  fileFormats,
  headerFormats,
  listenerAddresses,
  localKeys,
  logFiles,
  luaScripts,
  luaScriptsOfRoutes,
  maglevTables,
  openTelemetryFormats,
  outlierDetection,
  ringSizes,
  serverNames,
  socketPaths,
  substitutionFormats,
  tlsParameters,
  upgradesOfManager,
  upgradesOfRoute,
];
