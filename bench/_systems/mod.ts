/**
 * All systems, in the order of the tables.
 *
 * @module
 */

import type { System } from "../_system.ts";
import { JSSM } from "./jssm.ts";
import { ORIGINAL } from "./original.ts";
import { PACKAGE } from "./package.ts";
import { ROBOT3 } from "./robot3.ts";
import { XSTATE } from "./xstate.ts";

/** This package first. */
export const SYSTEMS: readonly System[] = [PACKAGE, ORIGINAL, XSTATE, ROBOT3, JSSM];
