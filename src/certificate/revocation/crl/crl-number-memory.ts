/**
 * Port: remembers over a restart how far the numbers of lists had come, so that an older list is noticed then, too. Shared by all
 * processes: what one has seen, none goes back behind.
 */
export interface CrlNumberMemory {
  /** By scope, as `CrlShelf.numbers` names it. */
  read(): Promise<Readonly<Record<string, bigint>>>
  /** Raises what is remembered; a lower number than is there changes nothing. */
  write(numbers: Readonly<Record<string, bigint>>): Promise<void>
}
