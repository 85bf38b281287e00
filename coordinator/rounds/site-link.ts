import type {
  CoordinatorToSite,
  EvaluationInvitation,
  InvitationReply,
  RoundInvitation,
} from '@fedoxnet/shared/protocol/socket-messages';

/** How the round engine reaches sites. The socket layer implements it. */
export interface SiteLink {
  isConnected(site: string): boolean;
  /** Null when no answer came; the connection or the deadline decides then. */
  invite(site: string, message: RoundInvitation): Promise<InvitationReply | null>;
  askEvaluation(site: string, message: EvaluationInvitation): Promise<InvitationReply | null>;
  tellClosed(site: string, message: Parameters<CoordinatorToSite['round:closed']>[0]): void;
  tellEnded(site: string, message: Parameters<CoordinatorToSite['study:ended']>[0]): void;
}
