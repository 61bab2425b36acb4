import { contract } from "@authmodes/bookstore/contract";
import { start } from "./index.ts";

contract(start);
