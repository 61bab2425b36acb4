// The alias under which Express 4 is installed beside 5, for the tests.
declare module "express4" {
  export { default } from "express";
}
