import { echoServers } from './echo.ts';
import type { ServerModel } from './server-model.ts';
import { unknownServers } from './unknown.ts';

/** What request tables call the models of servers. */
export type ServerModelName = 'echo' | 'unknown';

/** The models of servers by their names. */
export const serverModels: Readonly<Record<ServerModelName, ServerModel>> = { echo: echoServers, unknown: unknownServers };
