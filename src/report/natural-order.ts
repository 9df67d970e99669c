// The order in which people count.

/** Text order in which `web2` comes before `web10`, the same in every locale. */
export function naturalOrder(a: string, b: string): number {
  const [partsA, partsB] = [a.split(/(\d+)/u), b.split(/(\d+)/u)];
  for (const [index, partA] of partsA.entries()) {
    const partB = partsB[index];
    if (partB === undefined) return 1;
    if (partA === partB) continue;
    const order = index % 2 === 1 ? Number(partA) - Number(partB) : 0;
    return order !== 0 ? order : partA < partB ? -1 : 1;
  }
  return partsA.length - partsB.length;
}
