import type { TracedRequest } from '../../operations/trace/follow.ts';
import { assertNever } from '../../util/assert.ts';

/** How the address of a request was found, in words. */
export function addressWords(note: NonNullable<TracedRequest['note']>): string {
  switch (note.kind) {
    case 'pod of a headless service':
      return `${note.host} has no address of its own: one of its pods`;
    case 'allocated':
      return `istiod allocates it to ${note.host}`;
    case 'unknown': {
      const hint = note.near.length === 0 ? '' : `; is ${note.near.join(' or ')} meant?`;
      return `no address of ${note.host} is known: ${note.address} stands for it${hint}`;
    }
    case 'alias': {
      const { service, externalName, standIn } = note;
      const unknown = standIn === undefined ? '' : `, whose address is not known: ${standIn} stands for it`;
      return `${service.kind} ${service.namespace}/${service.name} is another name for ${externalName}${unknown}`;
    }
    case 'entrance': {
      const others = note.others.slice(0, 3).join(', ');
      return `enters at ${note.gateway}:${note.port}${others === '' ? '' : `; ${others} would take it too (--gateway)`}`;
    }
    default:
      return assertNever(note);
  }
}
