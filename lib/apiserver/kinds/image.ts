/**
 * References to images: which tag they name.
 */

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const domain =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const reference = new RegExp(
  `^(?:${domain}/)?${component}(?:/${component})*(?::(\\w[\\w.-]{0,127}))?(?:@(${digest}))?$`,
)

/** Is it the latest image, which is pulled anew each time? What is no reference names none. */
export const isLatest = (image: string): boolean => {
  // A name that looks like the id of an image is refused.
  if (/^[a-f0-9]{64}$/.test(image)) return false
  const found = reference.exec(image)
  if (found === null) return false
  const [, tag, pinned] = found
  return tag === 'latest' || (tag === undefined && pinned === undefined)
}
