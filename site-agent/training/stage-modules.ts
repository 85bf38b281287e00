import type { FilmKind, StagePlan } from '@fedoxnet/shared/study/stage-plan';
import { MODULES, type Module } from '@fedoxnet/shared/weights/roles';

/** What films must say at least for a module to be taught by them. */
const NEEDS: Readonly<Record<Module, readonly FilmKind[]>> = {
  backbone: ['box', 'image', 'none'],
  fpn: ['box', 'image', 'none'],
  classSubnet: ['box', 'image'],
  globalHead: ['box', 'image'],
  prototypes: ['box', 'image'],
  boxSubnet: ['box'],
};

/**
 * The modules that a site changes in a stage (oxnet.md §7.2 item 4): all of them, or those that its films speak of. The
 * others pass the gradient on to what lies below them, and stay as they are.
 * @param kinds of films that the site trains on in the stage
 */
export function modulesInStage({ modules }: StagePlan, kinds: readonly FilmKind[]): ReadonlySet<Module> {
  if (modules !== 'supported') return new Set(MODULES);
  return new Set(MODULES.filter((module) => NEEDS[module].some((kind) => kinds.includes(kind))));
}
