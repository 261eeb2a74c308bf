import type { MessageHeaders } from '../headers.ts';
import { wantsUpgrade } from '../http/upgrade.ts';
import type { ServedAnswer, ServerModel } from './server-model.ts';

/** Servers of which nothing is known: they answer 200, and so does whatever lies outside of the mesh. */
export const unknownServers: ServerModel = serversThat(({ headers }) => {
  return { status: wantsUpgrade(headers) ? 101 : 200, headers: [], body: '', seconds: 0 };
});

/** Servers of which nothing else is known than how they answer, inside of the mesh as outside. */
export function serversThat(answer: (request: { readonly headers: MessageHeaders }) => ServedAnswer): ServerModel {
  return {
    isWhole: false,
    defaultPorts: [],
    speaksHttp2: true,
    certificateNames: () => ['*'],
    answer,
    answerOutside: (headers) => answer({ headers }),
  };
}
