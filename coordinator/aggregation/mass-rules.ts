import type { TensorRole, UpdateMasses } from '@fedoxnet/shared/weights/roles';

/**
 * With which mass a site's update enters a tensor: one number for the whole, or [K] numbers, one per class along the
 * tensor's class axis.
 */
export type MassRule = (role: TensorRole, masses: UpdateMasses) => number | readonly number[];

/**
 * FedAvg: McMahan et al. 2017, Algorithm 1, arXiv:1602.05629, with the films that a site trained on in the round for n_k. A
 * film drawn twice counts twice, so sites that take as many steps weigh alike however many films they have. A prototype is
 * averaged over the sites that have one, as in FedProto (Tan et al. 2022, arXiv:2105.00243).
 */
export const weightedMeanRule: MassRule = (role, masses) =>
  role.module === 'prototypes'
    ? masses.prototypeRows.map((mass) => (mass > 0 ? masses.films : 0))
    : masses.films;

function total(rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + row, 0);
}

/** What a film counts for the shared tensors by its mere presence, beside 1 for one on which every class is boxed. */
export const UNLABELLED_FILM = 0.1;

/**
 * Evidence behind the tensors that all classes share: films, each by the share of classes it speaks of. `classRows` holds
 * a boxed film as 1 and a labelled one as less, so the mean over classes is that sum; what is left of a film still counts
 * a little. In pooled training a film pulls the backbone by the sum of its class terms, and this keeps to it: an
 * optimiser such as Adam makes steps of one length from few facts and many alike, so films simply counted would let a
 * hospital that knows one class, or none, pull as hard as one that knows them all.
 */
function sharedMass({ films, classRows }: UpdateMasses): number {
  const known = Math.min(films, total(classRows) / classRows.length);
  return known + UNLABELLED_FILM * (films - known);
}

/**
 * Per module and class row, so that a site speaks only about what it has evidence for (after FedLSM, Deng et al.
 * 2023, arXiv:2304.06931, carried to detection): the box subnet by matched anchors, class rows by the evidence for
 * that class, everything shared by films and how much is known about them.
 */
export const supervisionAwareRule: MassRule = (role, masses) => {
  const perClass = role.classAxis !== undefined;
  switch (role.module) {
    case 'backbone':
    case 'fpn':
      return sharedMass(masses);
    case 'boxSubnet':
      return masses.positives;
    case 'classSubnet':
      return perClass ? masses.classRows : sharedMass(masses);
    case 'globalHead':
      return perClass ? masses.globalRows : total(masses.globalRows);
    case 'prototypes':
      return masses.prototypeRows;
  }
};

/**
 * The same in a stage of `modules: supported`, where a site that knows no class keeps the class subnet frozen: its copy is
 * still the round's own and would hold the others back.
 */
export const supportedModulesRule: MassRule = (role, masses) =>
  role.module === 'classSubnet' && role.classAxis === undefined && total(masses.classRows) === 0
    ? 0
    : supervisionAwareRule(role, masses);
