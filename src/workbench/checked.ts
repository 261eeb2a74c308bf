import type { Session } from '../compile/session.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type FindingsChoice, findingsOf } from '../findings/findings.ts';
import type { Input } from '../input/load.ts';
import type { DataPlane } from '../trace/data-plane.ts';
import { unknownServers } from '../trace/servers/unknown.ts';
import { createDataPlane } from './data-plane.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** A workbench that also tells what is wrong. Apart from the other, since most commands need none of the analyzers. */
export interface CheckedWorkbench extends Workbench {
  /** All that is wrong with the input (findings/findings.ts), in no particular order. */
  findings(choice: FindingsChoice): readonly Diagnostic[];
}

/** A workbench over an input that was read, in which there may be errors. */
export function openCheckedWorkbench(input: Input): CheckedWorkbench {
  const bench = openWorkbench(input);
  const findings = (choice: FindingsChoice): readonly Diagnostic[] => {
    const { now } = choice;
    const dataPlaneOf = (of: Session): DataPlane =>
      of === bench.session
        ? bench.dataPlane({ servers: unknownServers, now })
        : createDataPlane(of, { servers: unknownServers, now });
    return findingsOf(
      {
        input,
        meshInput: bench.meshInput,
        again: bench.again,
        dataPlaneOf,
        get mesh() {
          return bench.mesh;
        },
        get session() {
          return bench.session;
        },
      },
      choice,
    );
  };
  // Its parts are made when they are asked for: spreading would make them all.
  return Object.assign(bench, { findings });
}
