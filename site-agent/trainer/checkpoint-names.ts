/** In the study's work folder: the checkpoint of the round in training, and the last of the round before it. */
export const CHECKPOINT = 'round.checkpoint';
export const LAST_CHECKPOINT = 'last-round.checkpoint';
