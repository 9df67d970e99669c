// biome-ignore-all lint/style/useTemplate: the misuses are the point of this file.
// A guest's text reaches no terminal, page or path as it is.
import { guest, label, wantsString } from './values.js';

// @ts-expect-error interpolation
export const interpolated = `label ${guest.label}`;
// @ts-expect-error interpolation of a number
export const interpolatedNumber = `${guest.count} blocks`;
// @ts-expect-error interpolation of an element
export const interpolatedElement = `${guest.list[0]}`;
// @ts-expect-error concatenation
export const concatenated = 'label ' + guest.label;
// @ts-expect-error concatenation on the left
export const concatenatedLeft = guest.label + '!';
// @ts-expect-error String keeps the taint
export const string: string = String(guest.label);
// @ts-expect-error toString
export const converted = guest.count.toString();
// @ts-expect-error valueOf
export const value = guest.size.valueOf();
// @ts-expect-error a method of strings
export const upper = guest.label.toUpperCase();
// @ts-expect-error length of a text
export const length = guest.label.length;
// @ts-expect-error description, which symbols have
export const description = guest.label.description.length;
// @ts-expect-error joined
export const joined: string = ['a', guest.label].join();
// @ts-expect-error assignment to a string
export const assigned: string = label;
// @ts-expect-error an argument that is a string
wantsString(guest.label);
// @ts-expect-error a pattern
export const pattern = new RegExp(guest.label);
// @ts-expect-error JSON gives text without a cleaning
export const json: string = JSON.stringify(guest.label);
// @ts-expect-error JSON of an object with a guest's value in it
export const jsonOfObject: string = JSON.stringify({ label: guest.label, used: 1 });
// @ts-expect-error JSON of a structure
export const jsonOfStructure: string = JSON.stringify(guest);
// @ts-expect-error standard output
process.stdout.write(guest.label);
// @ts-expect-error the stream does not leave the parser
export const stream = guest._io;
