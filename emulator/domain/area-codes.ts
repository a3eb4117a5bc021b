/*
 * Area codes of the North American Numbering Plan, shared by the countries under +1.
 */

export const tollFree: ReadonlySet<string> = codes("800 833 844 855 866 877 888");

/** Pacific islands of the United States, observed to be rejected in group texts (Guam). */
export const pacific: ReadonlySet<string> = codes("670 671 684");

/** Countries that are neither the United States nor Canada. */
export const caribbean: ReadonlySet<string> = codes(
  "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876",
);

export const canadian: ReadonlySet<string> = codes(
  "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 468 474 " +
    "506 514 519 537 548 568 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 " +
    "873 879 902 905 942",
);

/** The area code of a number under +1; undefined for any other. */
export function areaOf(address: string): string | undefined {
  return /^\+1([2-9]\d{2})\d{7}$/.exec(address)?.[1];
}

function codes(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
