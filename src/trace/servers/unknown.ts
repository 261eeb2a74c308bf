import { wantsUpgrade } from '../http/upgrade.ts';
import type { ServerModel } from './server-model.ts';

/** Servers of which nothing is known: they answer 200, and so does whatever lies outside of the mesh. */
export const unknownServers: ServerModel = {
  isWhole: false,
  defaultPorts: [],
  speaksHttp2: true,
  certificateNames: () => ['*'],
  answer: ({ headers }) => ({ status: wantsUpgrade(headers) ? 101 : 200, headers: [], body: '', seconds: 0 }),
};
