//! A triangle mesh: nothing but floats, a test of how close to a copy a library comes.

use fory::ForyStruct;

use super::{data, registered};
use crate::random::Random;

/// How many triangles the mesh has: six megabytes of floats.
const TRIANGLES: usize = 125_000;

data! {
    /// The whole mesh.
    #[derive(ForyStruct)]
    pub struct Mesh {
        // wincode refuses more than four megabytes in one sequence unless its length says otherwise.
        #[wincode(with = "wincode::containers::Vec<Triangle, wincode::len::BincodeLen<{ usize::MAX }>>")]
        triangles: Vec<Triangle>,
    }

    /// Three corners and a normal.
    #[derive(Copy, ForyStruct)]
    struct Triangle {
        v0: Vector3,
        v1: Vector3,
        v2: Vector3,
        normal: Vector3,
    }

    /// A point or a direction.
    #[derive(Copy, ForyStruct)]
    struct Vector3 {
        x: f32,
        y: f32,
        z: f32,
    }
}

registered!(Mesh: Triangle, Vector3);

/// The mesh that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Mesh {
    long(random, TRIANGLES)
}

/// The same of so many triangles.
#[must_use]
pub fn long(random: &mut Random, triangles: usize) -> Mesh {
    Mesh { triangles: (0..triangles).map(|_| triangle(random)).collect() }
}

fn triangle(random: &mut Random) -> Triangle {
    Triangle { v0: vector(random), v1: vector(random), v2: vector(random), normal: vector(random) }
}

fn vector(random: &mut Random) -> Vector3 {
    Vector3 { x: random.unit32(), y: random.unit32(), z: random.unit32() }
}
