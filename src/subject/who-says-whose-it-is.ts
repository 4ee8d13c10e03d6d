import type { Medium } from '../certificate/judgement.ts'
import type { LinkageService } from './linkage-service.ts'

/**
 * Who is believed about an unknown certificate: the linkage service, the person (hand-over code, or "I am new here"), or both: the
 * service about predecessors, and the person where it knows of none.
 *
 * Card and phone of one person share nothing (jpki.md §3). A service with a name for the person relates them; one that names
 * predecessors says "none" of a first phone, which is no answer to whether its holder has an account by card, nor the other way round.
 */
export function whoSaysWhoseItIs(
  {
    linkage,
    unknownCards,
    acceptsPhones,
  }: { readonly linkage: LinkageService; readonly unknownCards: 'new' | 'ask'; readonly acceptsPhones: boolean },
  medium: Medium,
): 'service' | 'person' | 'both' {
  switch (linkage.style) {
    case 'person':
      return 'service'
    case 'none':
      return 'person'
    case 'previous':
      return medium === 'phone' || (acceptsPhones && unknownCards === 'ask') ? 'both' : 'service'
  }
}
