/** Where this program lies goes into files of one line each value. @throws Error for a path that would begin another line */
export function refuseControl(path: string): void {
  if (/\p{Cc}/u.test(path)) throw new Error('the path of this program holds a control character')
}
